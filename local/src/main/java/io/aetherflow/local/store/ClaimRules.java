package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.Problem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What may change of a volume claim: nothing but its size, upwards, once it is bound and where its
 * class lets volumes grow. In the words of the API server's validation and of its admission plugin
 * PersistentVolumeClaimResize.
 */
final class ClaimRules {
  private static final String CLASSES = "storageclasses.storage.k8s.io";

  private final Db db;

  ClaimRules(Db db) {
    this.db = db;
  }

  /**
   * @throws ApiException 403 when the class does not let volumes grow
   */
  List<Problem> onUpdate(ObjectNode claim, ObjectNode old) {
    if (!fixed(claim, old).equals(fixed(old, old))) {
      return List.of(
          Problem.forbidden(
              "spec",
              "spec is immutable after creation except resources.requests and"
                  + " volumeAttributesClassName for bound claims"));
    }
    BigDecimal wanted = bytes(request(claim));
    if (wanted.compareTo(bytes(request(old))) > 0) {
      requireGrowth(old);
    } else if (wanted.compareTo(bytes(Json.at(old, "status", "capacity", "storage"))) < 0) {
      return List.of(
          Problem.forbidden(
              "spec.resources.requests.storage", "field can not be less than status.capacity"));
    }
    return List.of();
  }

  /** What the binder fills in is no change. */
  private static ObjectNode fixed(ObjectNode claim, ObjectNode old) {
    ObjectNode spec = (ObjectNode) claim.path("spec").deepCopy();
    spec.remove("resources");
    for (String bound : List.of("volumeName", "storageClassName")) {
      if (Json.text(old, "spec", bound).isEmpty()) {
        spec.remove(bound);
      }
    }
    return spec;
  }

  private void requireGrowth(ObjectNode old) {
    String name = Json.text(old, "metadata", "name");
    if (!"Bound".equals(Json.text(old, "status", "phase"))) {
      throw refused(name, "Only bound persistent volume claims can be expanded");
    }
    JsonNode storageClass =
        Optional.<JsonNode>ofNullable(
                db.get(CLASSES, "", Json.text(old, "spec", "storageClassName")))
            .orElse(Json.object());
    if (!storageClass.path("allowVolumeExpansion").asBoolean()) {
      throw refused(
          name,
          "only dynamically provisioned pvc can be resized and the storageclass that provisions the"
              + " pvc must support resize");
    }
  }

  private static ApiException refused(String name, String why) {
    return Errors.forbidden("persistentvolumeclaims \"" + name + "\" is forbidden: " + why);
  }

  private static JsonNode request(ObjectNode claim) {
    return Json.at(claim, "spec", "resources", "requests", "storage");
  }

  private static BigDecimal bytes(JsonNode quantity) {
    return quantity.isTextual()
        ? Quantity.getAmountInBytes(Quantity.parse(quantity.asText()))
        : BigDecimal.ZERO;
  }
}
