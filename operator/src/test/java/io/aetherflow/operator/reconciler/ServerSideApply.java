package io.aetherflow.operator.reconciler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/**
 * Enough server-side apply for JOSDK: merge and managed fields of one manager. Lists are replaced
 * whole; no conflicts, no defaults.
 */
final class ServerSideApply {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Lists whose items are owned one by one. */
  private static final Set<String> KEYED_BY_NAME = Set.of("containers", "env", "volumes");

  private ServerSideApply() {}

  static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(field -> {
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
            field -> fields.set("f:" + field.getKey(), owned(field.getKey(), field.getValue())));
    return fields;
  }

  private static ObjectNode owned(String name, JsonNode value) {
    if (value instanceof ObjectNode nested && !nested.isEmpty()) {
      return fields(nested);
    }
    ObjectNode owned = JSON.createObjectNode();
    if (KEYED_BY_NAME.contains(name)) {
      value.forEach(item -> {
        ObjectNode key = JSON.createObjectNode();
        key.set("name", item.get("name"));
        ObjectNode of = fields((ObjectNode) item);
        of.putObject(".");
        owned.set("k:" + key, of);
      });
    }
    return owned;
  }
}
