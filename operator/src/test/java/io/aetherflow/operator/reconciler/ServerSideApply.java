package io.aetherflow.operator.reconciler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Enough server-side apply for JOSDK: merge and managed fields of one manager. Lists are replaced
 * whole and owned whole; no conflicts, no defaults.
 */
final class ServerSideApply {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ServerSideApply() {}

  static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            field -> {
              JsonNode present = into.get(field.getKey());
              if (present instanceof ObjectNode a && field.getValue() instanceof ObjectNode b) {
                merge(a, b);
              } else {
                into.set(field.getKey(), field.getValue());
              }
            });
  }

  static void own(ObjectNode object, ObjectNode applied, String manager) {
    ObjectNode fields = fields(applied);
    fields.remove(List.of("f:apiVersion", "f:kind"));
    if (fields.get("f:metadata") instanceof ObjectNode metadata) {
      metadata.remove(List.of("f:name", "f:namespace"));
    }
    ObjectNode entry = JSON.createObjectNode();
    entry.put("manager", manager);
    entry.put("operation", "Apply");
    entry.put("apiVersion", applied.get("apiVersion").asText());
    entry.put("fieldsType", "FieldsV1");
    entry.set("fieldsV1", fields);
    ((ObjectNode) object.get("metadata")).set("managedFields", JSON.createArrayNode().add(entry));
  }

  private static ObjectNode fields(ObjectNode object) {
    ObjectNode fields = JSON.createObjectNode();
    object
        .properties()
        .forEach(
            field ->
                fields.set(
                    "f:" + field.getKey(),
                    field.getValue() instanceof ObjectNode nested && !nested.isEmpty()
                        ? fields(nested)
                        : JSON.createObjectNode()));
    return fields;
  }
}
