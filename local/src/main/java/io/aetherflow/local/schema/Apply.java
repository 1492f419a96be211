package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Server-side apply: merges a manager's configuration into the live object. Pure functions. */
public final class Apply {

  /** One field that another manager owns with another value. */
  public record Conflict(ManagedFields.Key owner, String path) {}

  /** What an apply came to: the merged object, or the conflicts that forbid it. */
  public record Outcome(ObjectNode object, List<Conflict> conflicts) {}

  private Apply() {}

  /**
   * @param live the stored object, or an empty one
   * @param config what the manager applies, already free of undeclared fields
   * @param managed changed in place unless there are conflicts
   */
  public static Outcome apply(
      ObjectNode live,
      ObjectNode config,
      Shape shape,
      ManagedFields managed,
      ManagedFields.Key manager,
      boolean force,
      String now) {
    FieldSet wanted = FieldSet.of(ManagedFields.strip(config), shape);
    ObjectNode merged = (ObjectNode) merge(live, config, shape);
    FieldSet changed =
        Diff.between(ManagedFields.strip(live), ManagedFields.strip(merged), shape).changed();
    Map<ManagedFields.Key, FieldSet> contested = managed.overlaps(manager, changed);
    if (!force && !contested.isEmpty()) {
      List<Conflict> conflicts = new ArrayList<>();
      contested.forEach(
          (owner, fields) -> fields.paths(path -> conflicts.add(new Conflict(owner, path))));
      return new Outcome(live, conflicts);
    }
    managed.takeFromOthers(manager, changed);
    FieldSet keep = managed.others(manager).union(wanted);
    prune(merged, managed.get(manager).minus(wanted), keep, shape);
    managed.put(manager, wanted, now);
    return new Outcome(merged, List.of());
  }

  private static JsonNode merge(JsonNode live, JsonNode config, Shape shape) {
    if (live.isObject() && config.isObject() && !shape.atomic()) {
      ObjectNode result = ((ObjectNode) live).deepCopy();
      config
          .properties()
          .forEach(entry -> {
            Shape field = shape.field(entry.getKey());
            JsonNode before = live.path(entry.getKey());
            result.set(
                entry.getKey(),
                field == null ? entry.getValue() : merge(before, entry.getValue(), field));
          });
      return result;
    }
    boolean associative = !shape.keys().isEmpty() || shape.set();
    if (live.isArray() && config.isArray() && associative) {
      return mergeItems(live, config, shape);
    }
    return config.deepCopy();
  }

  /** Applied elements in applied order; each element of others stays behind its predecessor. */
  private static ArrayNode mergeItems(JsonNode live, JsonNode config, Shape shape) {
    Map<String, JsonNode> before = Items.index(live, shape);
    List<String> order = new ArrayList<>(Items.index(config, shape).keySet());
    Map<String, JsonNode> result = new LinkedHashMap<>();
    Items.index(config, shape)
        .forEach((step, item) ->
            result.put(
                step, merge(before.getOrDefault(step, Json.at(null)), item, element(shape))));
    String previous = null;
    for (Map.Entry<String, JsonNode> entry : before.entrySet()) {
      if (!result.containsKey(entry.getKey())) {
        order.add(previous == null ? 0 : order.indexOf(previous) + 1, entry.getKey());
        result.put(entry.getKey(), entry.getValue().deepCopy());
      }
      previous = entry.getKey();
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    order.forEach(step -> list.add(result.get(step)));
    return list;
  }

  private static Shape element(Shape list) {
    return list.set() ? Shape.ANY : list.item();
  }

  /** Removes what the manager no longer applies and nobody else owns. */
  private static void prune(JsonNode node, FieldSet dropped, FieldSet keep, Shape shape) {
    if (node instanceof ObjectNode object) {
      dropped.children().forEach((step, child) -> pruneField(object, step, child, keep, shape));
    } else if (node instanceof ArrayNode array) {
      Iterator<JsonNode> items = array.elements();
      while (items.hasNext()) {
        JsonNode item = items.next();
        String step = Items.step(item, shape);
        FieldSet child = dropped.find(step);
        FieldSet kept = keep.find(step);
        if (child != null && child.member() && kept == null) {
          items.remove();
        } else if (child != null) {
          prune(item, child, kept == null ? new FieldSet() : kept, shape.item());
        }
      }
    }
  }

  private static void pruneField(
      ObjectNode object, String step, FieldSet child, FieldSet keep, Shape shape) {
    String name = step.substring(2);
    Shape field = shape.field(name);
    FieldSet kept = keep.find(step);
    if (!object.has(name) || field == null) {
      return;
    }
    if (child.member() && kept == null) {
      object.remove(name);
      return;
    }
    JsonNode value = object.get(name);
    prune(value, child, kept == null ? new FieldSet() : kept, field);
    if (value.isContainerNode() && value.isEmpty() && kept == null) {
      object.remove(name);
    }
  }
}
