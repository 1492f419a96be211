package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.BuiltinDefaults;
import io.aetherflow.local.schema.Decoding;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Decodes, defaults and validates an object on its way into the store. */
final class Admission {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  /** RBAC names are path segments, e.g. {@code system:auth}. */
  private static final Pattern LOOSE_NAME = Pattern.compile("[^/%]{1,253}");

  private static final Set<String> STATEFUL_SET_MUTABLE =
      Set.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "revisionHistoryLimit",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds");

  private final Clock clock;
  private final ClaimRules claims;

  Admission(Clock clock, ClaimRules claims) {
    this.clock = clock;
    this.claims = claims;
  }

  String now() {
    return Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Removes undeclared fields, or refuses them. */
  void decode(Kind kind, ObjectNode object, Write write) {
    Decoding decoding = Decoding.clean(object, kind.shape());
    String prefix =
        kind.kind()
            + " in version \""
            + kind.version()
            + "\" cannot be handled as a "
            + kind.kind()
            + ": ";
    if (!decoding.mismatches().isEmpty()) {
      throw Errors.badRequest(prefix + "json: " + decoding.mismatches().getFirst());
    }
    if (decoding.unknown().isEmpty()) {
      return;
    }
    String unknown =
        decoding.unknown().stream()
            .map(path -> "unknown field \"" + path + "\"")
            .collect(Collectors.joining(", "));
    switch (write.validation()) {
      case STRICT -> throw Errors.badRequest(prefix + "strict decoding error: " + unknown);
      case WARN -> write.warnings().add(unknown);
      case IGNORE -> {}
    }
  }

  /** Defaults and validates; {@code old} is null on creation. */
  void admit(Kind kind, ObjectNode object, ObjectNode old) {
    String name = Json.text(object, "metadata", "name");
    if (kind.custom() != null) {
      kind.custom().applyDefaults(object);
      JsonNode before = old == null ? MissingNode.getInstance() : old;
      refuse(kind, name, kind.custom().validate(object, before));
      return;
    }
    BuiltinDefaults.apply(kind.kind(), object);
    if (kind.kind().equals("Secret")) {
      foldStringData(object);
    }
    if (kind.kind().equals("CustomResourceDefinition")) {
      establish(object);
    }
    refuse(kind, name, old == null ? onCreate(kind, object) : onUpdate(kind, object, old));
  }

  private static void refuse(Kind kind, String name, List<Problem> problems) {
    if (!problems.isEmpty()) {
      throw Errors.invalid(kind, name, problems);
    }
  }

  private static List<Problem> onCreate(Kind kind, ObjectNode object) {
    JsonNode wanted = Json.at(object, "spec", "selector", "matchLabels");
    boolean workload = Set.of("Deployment", "StatefulSet", "ReplicaSet").contains(kind.kind());
    if (workload) {
      if (Json.at(object, "spec", "selector").isMissingNode()) {
        return List.of(Problem.required("spec.selector", ""));
      }
      JsonNode labels = Json.at(object, "spec", "template", "metadata", "labels");
      for (var label : wanted.properties()) {
        if (!label.getValue().equals(labels.path(label.getKey()))) {
          String detail = "`selector` does not match template `labels`";
          return List.of(
              Problem.invalid("spec.template.metadata.labels", labels.toString(), detail));
        }
      }
    }
    return List.of();
  }

  private List<Problem> onUpdate(Kind kind, ObjectNode object, ObjectNode old) {
    if (kind.kind().equals("PersistentVolumeClaim")) {
      return claims.onUpdate(object, old);
    }
    JsonNode selector = Json.at(object, "spec", "selector");
    boolean selects = Set.of("Deployment", "ReplicaSet").contains(kind.kind());
    if (selects && !selector.equals(Json.at(old, "spec", "selector"))) {
      return List.of(Problem.invalid("spec.selector", selector.toString(), "field is immutable"));
    }
    if (kind.kind().equals("StatefulSet") && !fixed(object).equals(fixed(old))) {
      String allowed =
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
              + " 'updateStrategy', 'revisionHistoryLimit',"
              + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
      return List.of(Problem.forbidden("spec", allowed));
    }
    String address = Json.text(old, "spec", "clusterIP");
    boolean moved = !address.isEmpty() && !address.equals(Json.text(object, "spec", "clusterIP"));
    if (kind.kind().equals("Service") && moved) {
      String shown = Json.at(object, "spec", "clusterIP").toString();
      return List.of(Problem.invalid("spec.clusterIPs[0]", shown, "may not change once set"));
    }
    return List.of();
  }

  private static ObjectNode fixed(ObjectNode set) {
    ObjectNode spec = (ObjectNode) set.path("spec").deepCopy();
    spec.remove(STATEFUL_SET_MUTABLE);
    return spec;
  }

  private static void foldStringData(ObjectNode secret) {
    Json.defaultTo(secret, "type", "Opaque");
    if (secret.remove("stringData") instanceof ObjectNode plain) {
      ObjectNode data = Json.child(secret, "data");
      plain
          .properties()
          .forEach(entry -> {
            byte[] bytes =
                entry.getValue().asText().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            data.put(entry.getKey(), java.util.Base64.getEncoder().encodeToString(bytes));
          });
    }
  }

  private void establish(ObjectNode crd) {
    ObjectNode status = Json.child(crd, "status");
    status.set("acceptedNames", Json.at(crd, "spec", "names").deepCopy());
    ArrayNode stored = status.putArray("storedVersions");
    for (JsonNode version : Json.at(crd, "spec", "versions")) {
      if (version.path("storage").asBoolean()) {
        stored.add(version.path("name"));
      }
    }
    if (!status.has("conditions")) {
      ArrayNode conditions = status.putArray("conditions");
      condition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found");
      condition(
          conditions,
          "Established",
          "InitialNamesAccepted",
          "the initial names have been accepted");
    }
  }

  private void condition(ArrayNode conditions, String type, String reason, String message) {
    conditions
        .addObject()
        .put("type", type)
        .put("status", "True")
        .put("reason", reason)
        .put("message", message)
        .put("lastTransitionTime", now());
  }

  /** Refuses names that the API server would refuse. */
  void checkName(Kind kind, String name) {
    boolean loose = kind.group().equals("rbac.authorization.k8s.io");
    if (!(loose ? LOOSE_NAME : NAME).matcher(name).matches()) {
      String detail =
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
              + " or '.', and must start and end with an alphanumeric character";
      throw Errors.invalid(
          kind, name, List.of(Problem.invalid("metadata.name", "\"" + name + "\"", detail)));
    }
  }
}
