package io.aetherflow.operator.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;

/** What of an object is the operator's alone, so that two states of it can be compared. */
final class Content {
  /** Labels and annotations of others begin so. */
  static final String FOREIGN = "team.example/";

  static final String RESTARTED = "kubectl.kubernetes.io/restartedAt";

  private static final List<String> ASSIGNED =
      List.of("clusterIP", "clusterIPs", "ipFamilies", "healthCheckNodePort");

  private Content() {}

  /**
   * @param autoscaled whether its replicas are the autoscaler's
   */
  static JsonNode of(HasMetadata object, boolean autoscaled) {
    ObjectNode tree = Serialization.jsonMapper().valueToTree(object);
    tree.remove("status");
    ObjectNode metadata = (ObjectNode) tree.get("metadata");
    List.of("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")
        .forEach(metadata::remove);
    foreignless(metadata, "labels");
    foreignless(metadata, "annotations");
    if (tree.get("spec") instanceof ObjectNode spec) {
      spec.remove(ASSIGNED);
      spec.path("ports").forEach(port -> ((ObjectNode) port).remove("nodePort"));
      if (autoscaled) {
        spec.remove("replicas");
      }
      if (spec.path("template").path("metadata") instanceof ObjectNode template) {
        foreignless(template, "annotations");
      }
    }
    if (object.getKind().equals("Secret") && tree.get("data") instanceof ObjectNode data) {
      // Made anew from randomness.
      List<String> keys = new ArrayList<>();
      data.fieldNames().forEachRemaining(keys::add);
      keys.forEach(key -> data.put(key, ""));
    }
    return tree;
  }

  private static void foreignless(ObjectNode metadata, String field) {
    if (metadata.get(field) instanceof ObjectNode entries) {
      List<String> keys = new ArrayList<>();
      entries.fieldNames().forEachRemaining(keys::add);
      keys.removeIf(key ->
          !key.startsWith(FOREIGN)
              && !key.startsWith("deployment.kubernetes.io/")
              && !key.equals(RESTARTED));
      entries.remove(keys);
      if (entries.isEmpty()) {
        metadata.remove(field);
      }
    }
  }
}
