package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Brings a client's object into stored form: undeclared fields, nulls and (for built-in kinds)
 * empty lists and maps are dropped.
 *
 * @param unknown paths of dropped undeclared fields
 * @param mismatches values of a wrong JSON type, built-in kinds only
 */
public record Decoding(List<String> unknown, List<String> mismatches) {

  /** Changes {@code object} in place and says what was wrong with it. */
  public static Decoding clean(ObjectNode object, Shape shape) {
    Decoding found = new Decoding(new ArrayList<>(), new ArrayList<>());
    found.object(object, shape, "");
    return found;
  }

  private void object(ObjectNode object, Shape shape, String path) {
    Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      String here = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
      Shape child = shape.field(field.getKey());
      if (child == null) {
        unknown.add(here);
        fields.remove();
      } else if (field.getValue().isNull()) {
        if (!child.nullable() && child != Shape.ANY) {
          fields.remove();
        }
      } else {
        value(field.getValue(), child, here);
        if (child.omitsEmpty() && field.getValue().isEmpty()) {
          fields.remove();
        }
      }
    }
  }

  private void value(JsonNode value, Shape shape, String path) {
    String mismatch = shape.mismatch(value);
    if (mismatch != null) {
      mismatches.add(path + ": " + mismatch);
      return;
    }
    switch (value) {
      case ObjectNode object -> object(object, shape, path);
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          value(array.get(i), shape.item(), path + "[" + i + "]");
        }
      }
      default -> {}
    }
  }
}
