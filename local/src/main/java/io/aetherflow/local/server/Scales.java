package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Kind;

/** The scale subresource as a view of the object. */
final class Scales {
  private Scales() {}

  private static String[] path(Kind kind, String which) {
    if (kind.scale() == null) {
      throw Errors.noSuchResource();
    }
    return Json.text(kind.scale(), which).replaceFirst("^\\.", "").split("\\.");
  }

  static ObjectNode of(Kind kind, ObjectNode object) {
    ObjectNode scale = Json.object().put("apiVersion", "autoscaling/v1").put("kind", "Scale");
    ObjectNode metadata = scale.putObject("metadata");
    for (String field :
        new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
      metadata.set(field, Json.at(object, "metadata", field));
    }
    int replicas = Json.at(object, path(kind, "specReplicasPath")).asInt();
    int ready = Json.at(object, path(kind, "statusReplicasPath")).asInt();
    scale.putObject("spec").put("replicas", replicas);
    ObjectNode status = scale.putObject("status").put("replicas", ready);
    JsonNode selector = Json.at(object, path(kind, "labelSelectorPath"));
    if (selector.isTextual()) {
      status.put("selector", selector.asText());
    } else if (selector.has("matchLabels")) {
      StringBuilder text = new StringBuilder();
      for (var label : selector.get("matchLabels").properties()) {
        text.append(text.isEmpty() ? "" : ",").append(label.getKey()).append('=');
        text.append(label.getValue().asText());
      }
      status.put("selector", text.toString());
    }
    return scale;
  }

  /** The object with the replicas and the version condition of a Scale. */
  static ObjectNode set(Kind kind, ObjectNode object, JsonNode scale) {
    String version = Json.text(scale, "metadata", "resourceVersion");
    if (!version.isEmpty()) {
      ((ObjectNode) object.get("metadata")).put("resourceVersion", version);
    }
    String[] path = path(kind, "specReplicasPath");
    ObjectNode parent = object;
    for (int i = 0; i < path.length - 1; i++) {
      parent = Json.child(parent, path[i]);
    }
    parent.set(path[path.length - 1], Json.number(Json.at(scale, "spec", "replicas").asLong()));
    return object;
  }
}
