package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Fills in {@code default} values of a structural schema, outer objects first. */
final class Defaulting {
  private Defaulting() {}

  static void apply(JsonNode value, JsonNode schema) {
    if (value instanceof ObjectNode object) {
      schema
          .path("properties")
          .properties()
          .forEach(property -> {
            JsonNode preset = property.getValue().get("default");
            JsonNode present = object.get(property.getKey());
            boolean nullable = property.getValue().path("nullable").asBoolean();
            if (preset != null && (present == null || present.isNull() && !nullable)) {
              object.set(property.getKey(), preset.deepCopy());
            }
            if (object.has(property.getKey())) {
              apply(object.get(property.getKey()), property.getValue());
            }
          });
      JsonNode additional = schema.path("additionalProperties");
      if (additional.isObject()) {
        object.forEach(entry -> apply(entry, additional));
      }
    } else if (value.isArray()) {
      value.forEach(item -> apply(item, schema.path("items")));
    }
  }
}
