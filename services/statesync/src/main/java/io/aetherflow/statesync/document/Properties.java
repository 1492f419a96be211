package io.aetherflow.statesync.document;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import io.aetherflow.statesync.archive.SnapshotStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The properties of one property_lww document, folded in the server's order: of each property the
 * last operation wins. A deletion stays known as a tombstone until {@value #TOMBSTONES_MAX} later
 * ones have come, or the state would be too large with it. Not thread-safe.
 */
final class Properties {
  /** Bounds what deletions leave behind; a client that was away longer begins from the state. */
  static final int TOMBSTONES_MAX = 1_024;

  /** Below what an operation may have, with its frame. */
  private static final int EDIT_BYTES = 256 << 10;

  /** What the frame of a property takes in the state, at most. */
  private static final int FRAME_BYTES = 48;

  /** As written by the operation at a place. */
  record Property(String json, long seq) {}

  private final Map<String, Property> live = new TreeMap<>();
  private final LinkedHashMap<String, Long> tombstones = new LinkedHashMap<>();
  private long bytes;

  void apply(long seq, PropertyEdit edit) {
    edit.set().forEach((name, json) -> set(name, new Property(json, seq)));
    edit.delete().forEach(name -> delete(name, seq));
    while (bytes() > SnapshotStore.STATE_BYTES_MAX && !tombstones.isEmpty()) {
      dropEldestTombstone();
    }
  }

  private void set(String name, Property property) {
    remove(name);
    live.put(name, property);
    bytes += cost(name, property.json());
  }

  private void delete(String name, long seq) {
    remove(name);
    tombstones.put(name, seq);
    bytes += cost(name, "");
    if (tombstones.size() > TOMBSTONES_MAX) {
      dropEldestTombstone();
    }
  }

  private void dropEldestTombstone() {
    Iterator<String> eldest = tombstones.keySet().iterator();
    bytes -= cost(eldest.next(), "");
    eldest.remove();
  }

  private void remove(String name) {
    Property before = live.remove(name);
    if (before != null) {
      bytes -= cost(name, before.json());
    }
    if (tombstones.remove(name) != null) {
      bytes -= cost(name, "");
    }
  }

  /** What the state takes, as JSON and about that much in memory; never less than it does. */
  long bytes() {
    return bytes + FRAME_BYTES;
  }

  /** How much larger an edit makes the state, at most; never less than nothing. */
  long growth(PropertyEdit edit) {
    long growth = 0;
    for (Map.Entry<String, String> each : edit.set().entrySet()) {
      growth += cost(each.getKey(), each.getValue()) - costNow(each.getKey());
    }
    for (String each : edit.delete()) {
      growth += cost(each, "") - costNow(each);
    }
    return Math.max(0, growth);
  }

  private long costNow(String name) {
    Property property = live.get(name);
    if (property != null) {
      return cost(name, property.json());
    }
    return tombstones.containsKey(name) ? cost(name, "") : 0;
  }

  private static long cost(String name, String json) {
    return FRAME_BYTES + quotedBytes(name) + json.getBytes(StandardCharsets.UTF_8).length;
  }

  /** As JSON writes it; a surrogate counts for more than it takes. */
  private static long quotedBytes(String name) {
    return name.chars()
        .mapToLong(c -> {
          if (c < ' ') {
            return 6;
          }
          return c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
        })
        .sum();
  }

  private boolean has(String name, String json) {
    return Optional.ofNullable(live.get(name)).filter(each -> each.json().equals(json)).isPresent();
  }

  /**
   * Operations that make this as another was, none larger than {@value #EDIT_BYTES} but for a
   * single property that is.
   */
  List<ByteString> editsTo(Properties target) {
    List<PropertyEdit> edits = new ArrayList<>();
    long size = EDIT_BYTES;
    for (Map.Entry<String, Property> each : target.live.entrySet()) {
      String json = each.getValue().json();
      if (!has(each.getKey(), json)) {
        size = room(edits, size, cost(each.getKey(), json));
        edits.getLast().set().put(each.getKey(), json);
      }
    }
    for (String name : live.keySet()) {
      if (!target.live.containsKey(name)) {
        size = room(edits, size, cost(name, ""));
        edits.getLast().delete().add(name);
      }
    }
    return edits.stream().map(PropertyEdit::toJson).toList();
  }

  private static long room(List<PropertyEdit> edits, long size, long more) {
    if (size + more > EDIT_BYTES) {
      edits.add(new PropertyEdit(new LinkedHashMap<>(), new ArrayList<>()));
      return more;
    }
    return size + more;
  }

  ByteString toJson() {
    ByteString.Output out = ByteString.newOutput();
    write(out);
    return out.toByteString();
  }

  private void write(OutputStream to) {
    try (JsonGenerator json = PropertyEdit.STATE_JSON.createGenerator(to)) {
      json.writeStartObject();
      json.writeObjectFieldStart("properties");
      for (Map.Entry<String, Property> each : live.entrySet()) {
        json.writeObjectFieldStart(each.getKey());
        json.writeFieldName("value");
        json.writeRawValue(each.getValue().json());
        json.writeNumberField("seq", each.getValue().seq());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeObjectFieldStart("deleted");
      for (Map.Entry<String, Long> each : tombstones.entrySet()) {
        json.writeNumberField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What {@link #toJson} wrote.
   *
   * @throws UncheckedIOException for anything else
   */
  static Properties parse(ByteString json) {
    Properties properties = new Properties();
    try (JsonParser in = PropertyEdit.STATE_JSON.createParser(json.newInput())) {
      in.nextToken();
      for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
        in.nextToken();
        for (String each = in.nextFieldName(); each != null; each = in.nextFieldName()) {
          in.nextToken();
          if (name.equals("deleted")) {
            properties.delete(each, in.getLongValue());
          } else {
            properties.set(each, property(in));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stored state cannot be read", e);
    }
    return properties;
  }

  private static Property property(JsonParser in) throws IOException {
    String json = "";
    long seq = 0;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      boolean isValue = in.currentName().equals("value");
      in.nextToken();
      if (isValue) {
        json = PropertyEdit.value(in);
      } else {
        seq = in.getLongValue();
      }
    }
    return new Property(json, seq);
  }
}
