package io.aetherflow.local.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Names of list elements in field paths. */
final class Items {
  private Items() {}

  /** {@code k:{...}} with keys in alphabetical order, or {@code v:...} for set elements. */
  static String step(JsonNode item, Shape list) {
    if (list.set()) {
      return "v:" + item;
    }
    Map<String, JsonNode> sorted = new TreeMap<>();
    for (String key : list.keys()) {
      JsonNode value = item.path(key);
      JsonNode used = value.isMissingNode() ? list.keyDefault(key) : value;
      if (used != null) {
        sorted.put(key, used);
      }
    }
    ObjectNode keys = Json.object();
    sorted.forEach(keys::set);
    return "k:" + keys;
  }

  /** Elements of an associative list by step, in list order; of duplicates the last one stays. */
  static Map<String, JsonNode> index(JsonNode list, Shape shape) {
    Map<String, JsonNode> byStep = new LinkedHashMap<>();
    for (JsonNode item : list) {
      byStep.put(step(item, shape), item);
    }
    return byStep;
  }

  static String readable(String step) {
    String rest = step.substring(2);
    if (step.startsWith("f:")) {
      return "." + rest;
    }
    if (step.startsWith("v:")) {
      return "[=" + rest + "]";
    }
    StringBuilder keys = new StringBuilder("[");
    try {
      for (Map.Entry<String, JsonNode> key : Json.MAPPER.readTree(rest).properties()) {
        keys.append(keys.length() > 1 ? "," : "")
            .append(key.getKey())
            .append('=')
            .append(key.getValue());
      }
    } catch (JsonProcessingException e) {
      return "[" + rest + "]";
    }
    return keys.append(']').toString();
  }
}
