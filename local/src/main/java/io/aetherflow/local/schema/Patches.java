package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.ArrayList;
import java.util.List;

/** The three patch formats besides apply. Pure functions; inputs stay unchanged. */
public final class Patches {
  private Patches() {}

  /** RFC 7386: null deletes, objects merge, everything else replaces. */
  public static JsonNode merge(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    ObjectNode result = target.isObject() ? (ObjectNode) target.deepCopy() : Json.object();
    patch
        .properties()
        .forEach(entry -> {
          if (entry.getValue().isNull()) {
            result.remove(entry.getKey());
          } else {
            JsonNode before = result.path(entry.getKey());
            result.set(entry.getKey(), merge(before, entry.getValue()));
          }
        });
    return result;
  }

  /**
   * RFC 6902.
   *
   * @throws IllegalArgumentException when an operation does not fit the object or a test fails
   */
  public static JsonNode json(JsonNode target, JsonNode patch) {
    try {
      return JsonPatch.apply(patch, target);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Strategic merge: lists merge by the keys of the shape; {@code $patch} directives hold. */
  public static JsonNode strategic(JsonNode target, JsonNode patch, Shape shape) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    String directive = Json.text(patch, "$patch");
    if (directive.equals("delete")) {
      return Json.object();
    }
    boolean fresh = directive.equals("replace") || !target.isObject();
    ObjectNode result = fresh ? Json.object() : (ObjectNode) target.deepCopy();
    retain(result, patch.path("$retainKeys"));
    patch
        .properties()
        .forEach(entry -> strategicField(result, entry.getKey(), entry.getValue(), shape, patch));
    return result;
  }

  private static void retain(ObjectNode result, JsonNode retainKeys) {
    if (retainKeys.isArray()) {
      List<String> kept = new ArrayList<>();
      retainKeys.forEach(key -> kept.add(key.asText()));
      result.retain(kept);
    }
  }

  private static void strategicField(
      ObjectNode result, String name, JsonNode value, Shape shape, JsonNode patch) {
    String deletions = "$deleteFromPrimitiveList/";
    if (name.startsWith(deletions)) {
      String list = name.substring(deletions.length());
      if (result.get(list) instanceof ArrayNode present) {
        result.set(list, without(present, value));
      }
      return;
    }
    if (name.startsWith("$")) {
      return;
    }
    Shape field = shape.field(name);
    if (value.isNull()) {
      result.remove(name);
    } else if (field != null && value.isArray() && !field.keys().isEmpty()) {
      JsonNode order = patch.path("$setElementOrder/" + name);
      result.set(name, strategicList(result.path(name), value, field, order));
    } else if (field != null && value.isArray() && field.set()) {
      result.set(name, unite(result.path(name), value));
    } else if (value.isObject()) {
      result.set(name, strategic(result.path(name), value, field == null ? Shape.ANY : field));
    } else {
      result.set(name, value.deepCopy());
    }
  }

  private static ArrayNode without(ArrayNode list, JsonNode removed) {
    ArrayNode left = JsonNodeFactory.instance.arrayNode();
    List<JsonNode> gone = new ArrayList<>();
    removed.forEach(gone::add);
    list.forEach(item -> {
      if (!gone.contains(item)) {
        left.add(item);
      }
    });
    return left;
  }

  private static ArrayNode unite(JsonNode present, JsonNode added) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    List<JsonNode> seen = new ArrayList<>();
    for (JsonNode source : List.of(present, added)) {
      for (JsonNode item : source) {
        if (!seen.contains(item)) {
          seen.add(item);
          all.add(item);
        }
      }
    }
    return all;
  }

  /** Strategic merge keys are one field (the first), unlike the keys of server-side apply. */
  private static ArrayNode strategicList(
      JsonNode present, JsonNode patch, Shape list, JsonNode order) {
    String key = list.keys().getFirst();
    List<JsonNode> items = new ArrayList<>();
    boolean replace = false;
    for (JsonNode item : patch) {
      replace |= item.size() == 1 && Json.text(item, "$patch").equals("replace");
    }
    if (!replace) {
      present.forEach(items::add);
    }
    for (JsonNode item : patch) {
      if (item.has(key)) {
        strategicItem(items, item, key, list.item());
      }
    }
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    ordered(items, order, key).forEach(result::add);
    return result;
  }

  private static void strategicItem(List<JsonNode> items, JsonNode item, String key, Shape shape) {
    int at = position(items, key, item.get(key));
    if (Json.text(item, "$patch").equals("delete")) {
      items.removeIf(present -> present.path(key).equals(item.get(key)));
    } else if (at < 0) {
      items.add(strategic(Json.object(), item, shape));
    } else {
      items.set(at, strategic(items.get(at), item, shape));
    }
  }

  private static int position(List<JsonNode> items, String key, JsonNode value) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).path(key).equals(value)) {
        return i;
      }
    }
    return -1;
  }

  private static List<JsonNode> ordered(List<JsonNode> items, JsonNode order, String key) {
    if (!order.isArray()) {
      return items;
    }
    List<JsonNode> result = new ArrayList<>(items);
    List<JsonNode> sorted = new ArrayList<>();
    for (JsonNode wanted : order) {
      int at = position(result, key, wanted.path(key));
      if (at >= 0) {
        sorted.add(result.remove(at));
      }
    }
    sorted.addAll(result);
    return sorted;
  }
}
