package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who owns which fields of one object: {@code metadata.managedFields} in memory. Not thread-safe.
 */
public final class ManagedFields {

  /** A manager's entry; the same name owns separately per operation and subresource. */
  public record Key(String manager, String operation, String apiVersion, String subresource) {

    public static Key apply(String manager, String apiVersion, String subresource) {
      return new Key(manager, "Apply", apiVersion, subresource);
    }

    public static Key update(String manager, String apiVersion, String subresource) {
      return new Key(manager, "Update", apiVersion, subresource);
    }
  }

  private record Entry(FieldSet fields, String time) {}

  private static final List<String> UNMANAGED_METADATA =
      List.of(
          "name",
          "namespace",
          "generateName",
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generation",
          "resourceVersion",
          "selfLink",
          "managedFields");

  private final Map<Key, Entry> entries = new LinkedHashMap<>();

  public static ManagedFields of(JsonNode object) {
    ManagedFields managed = new ManagedFields();
    for (JsonNode entry : Json.at(object, "metadata", "managedFields")) {
      Key key =
          new Key(
              Json.text(entry, "manager"),
              Json.text(entry, "operation"),
              Json.text(entry, "apiVersion"),
              Json.text(entry, "subresource"));
      FieldSet fields = FieldSet.parse(entry.path("fieldsV1"));
      managed.entries.put(key, new Entry(fields, Json.text(entry, "time")));
    }
    return managed;
  }

  /** The object without the fields that nobody owns (identity and bookkeeping). */
  static ObjectNode strip(JsonNode object) {
    ObjectNode copy = object.isObject() ? (ObjectNode) object.deepCopy() : Json.object();
    copy.remove(List.of("apiVersion", "kind"));
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(UNMANAGED_METADATA);
      if (metadata.isEmpty()) {
        copy.remove("metadata");
      }
    }
    return copy;
  }

  public FieldSet get(Key key) {
    Entry entry = entries.get(key);
    return entry == null ? new FieldSet() : entry.fields;
  }

  /** Sets what a manager owns; the time moves only when the set does. */
  public void put(Key key, FieldSet fields, String now) {
    Entry old = entries.get(key);
    if (fields.isEmpty()) {
      entries.remove(key);
    } else if (old == null || !old.fields.equals(fields)) {
      entries.put(key, new Entry(fields, now));
    }
  }

  /** Everything owned by others than {@code key}. */
  FieldSet others(Key key) {
    FieldSet all = new FieldSet();
    entries.forEach((other, entry) -> {
      if (!other.equals(key)) {
        all.addAll(entry.fields);
      }
    });
    return all;
  }

  /** Fields of other managers within {@code wanted}, by manager. */
  Map<Key, FieldSet> overlaps(Key key, FieldSet wanted) {
    Map<Key, FieldSet> found = new LinkedHashMap<>();
    entries.forEach((other, entry) -> {
      FieldSet shared = entry.fields.intersect(wanted);
      if (!other.equals(key) && !shared.isEmpty()) {
        found.put(other, shared);
      }
    });
    return found;
  }

  /** Takes {@code lost} from every manager but {@code key}. */
  void takeFromOthers(Key key, FieldSet lost) {
    for (Key other : List.copyOf(entries.keySet())) {
      if (!other.equals(key)) {
        Entry entry = entries.get(other);
        FieldSet left = entry.fields.minus(lost);
        if (left.isEmpty()) {
          entries.remove(other);
        } else if (!left.equals(entry.fields)) {
          entries.put(other, new Entry(left, entry.time));
        }
      }
    }
  }

  /** Accounts for an ordinary write: the writer now owns what it changed. */
  public void afterWrite(Key writer, JsonNode old, JsonNode now, Shape shape, String time) {
    Diff diff = Diff.between(strip(old), strip(now), shape);
    FieldSet touched = diff.changed().union(diff.removed());
    if (touched.isEmpty()) {
      return;
    }
    takeFromOthers(writer, touched);
    put(writer, get(writer).union(diff.changed()).minus(diff.removed()), time);
  }

  /** Writes the entries into {@code metadata.managedFields}. */
  public void store(ObjectNode object) {
    ObjectNode metadata = Json.child(object, "metadata");
    if (entries.isEmpty()) {
      metadata.remove("managedFields");
      return;
    }
    ArrayNode list = metadata.putArray("managedFields");
    entries.forEach((key, entry) -> {
      ObjectNode node = list.addObject();
      node.put("manager", key.manager);
      node.put("operation", key.operation);
      node.put("apiVersion", key.apiVersion);
      if (!entry.time.isEmpty()) {
        node.put("time", entry.time);
      }
      node.put("fieldsType", "FieldsV1");
      node.set("fieldsV1", entry.fields.json());
      if (!key.subresource.isEmpty()) {
        node.put("subresource", key.subresource);
      }
    });
  }
}
