package io.aetherflow.local.store;

import io.aetherflow.local.schema.Apply;
import io.aetherflow.local.schema.Problem;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.util.List;
import java.util.stream.Collectors;

/** The API server's error texts, as kubectl and client libraries match on them. */
public final class Errors {
  private Errors() {}

  public static ApiException of(int code, String reason, String message) {
    return new ApiException(status(code, reason, message));
  }

  public static Status status(int code, String reason, String message) {
    return new StatusBuilder()
        .withApiVersion("v1")
        .withKind("Status")
        .withStatus("Failure")
        .withCode(code)
        .withReason(reason)
        .withMessage(message)
        .build();
  }

  private static ApiException about(
      int code, String reason, String message, String group, String kind, String name) {
    Status status = status(code, reason, message);
    return new ApiException(
        new StatusBuilder(status)
            .withNewDetails()
            .withGroup(group.isEmpty() ? null : group)
            .withKind(kind)
            .withName(name)
            .endDetails()
            .build());
  }

  public static ApiException notFound(Kind kind, String name) {
    String message = kind.resource() + " \"" + name + "\" not found";
    return about(404, "NotFound", message, kind.group(), kind.plural(), name);
  }

  public static ApiException noSuchResource() {
    return of(404, "NotFound", "the server could not find the requested resource");
  }

  public static ApiException alreadyExists(Kind kind, String name) {
    String message = kind.resource() + " \"" + name + "\" already exists";
    return about(409, "AlreadyExists", message, kind.group(), kind.plural(), name);
  }

  public static ApiException conflict(Kind kind, String name, String why) {
    String message =
        "Operation cannot be fulfilled on " + kind.resource() + " \"" + name + "\": " + why;
    return about(409, "Conflict", message, kind.group(), kind.plural(), name);
  }

  public static ApiException stale(Kind kind, String name) {
    return conflict(
        kind,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  public static ApiException forbidden(String message) {
    return of(403, "Forbidden", message);
  }

  /** A PodDisruptionBudget keeps a pod. */
  public static ApiException disruption(String budget, int desiredHealthy, int currentHealthy) {
    Status status =
        status(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.");
    String why =
        "The disruption budget %s needs %d healthy pods and has %d currently"
            .formatted(budget, desiredHealthy, currentHealthy);
    return new ApiException(
        new StatusBuilder(status)
            .withNewDetails()
            .addNewCause("", why, "DisruptionBudget")
            .endDetails()
            .build());
  }

  public static ApiException badRequest(String message) {
    return of(400, "BadRequest", message);
  }

  public static ApiException expired(String message) {
    return of(410, "Expired", message);
  }

  public static ApiException invalid(Kind kind, String name, List<Problem> problems) {
    List<String> texts = problems.stream().map(p -> p.field() + ": " + p.message()).toList();
    String list = texts.size() == 1 ? texts.getFirst() : "[" + String.join(", ", texts) + "]";
    String message = kind.qualifiedKind() + " \"" + name + "\" is invalid: " + list;
    Status status = about(422, "Invalid", message, kind.group(), kind.kind(), name).status();
    StatusBuilder builder = new StatusBuilder(status);
    for (Problem problem : problems) {
      builder
          .editDetails()
          .addNewCause(problem.field(), problem.message(), problem.reason())
          .endDetails();
    }
    return new ApiException(builder.build());
  }

  /** Server-side apply met fields of other managers. */
  public static ApiException conflicts(List<Apply.Conflict> conflicts) {
    boolean one = conflicts.size() == 1;
    String list =
        conflicts.stream()
            .collect(
                Collectors.groupingBy(
                    Errors::owner, java.util.LinkedHashMap::new, Collectors.toList()))
            .entrySet()
            .stream()
            .map(owned ->
                one
                    ? "conflict with " + owned.getKey() + ": " + conflicts.getFirst().path()
                    : "conflicts with "
                        + owned.getKey()
                        + ":\n- "
                        + owned.getValue().stream()
                            .map(Apply.Conflict::path)
                            .collect(Collectors.joining("\n- ")))
            .collect(Collectors.joining("\n"));
    String message =
        "Apply failed with " + conflicts.size() + (one ? " conflict: " : " conflicts: ") + list;
    StatusBuilder builder =
        new StatusBuilder(status(409, "Conflict", message)).withNewDetails().endDetails();
    for (Apply.Conflict conflict : conflicts) {
      builder
          .editDetails()
          .addNewCause(conflict.path(), "conflict with " + owner(conflict), "FieldManagerConflict")
          .endDetails();
    }
    return new ApiException(builder.build());
  }

  private static String owner(Apply.Conflict conflict) {
    String subresource = conflict.owner().subresource();
    return "\""
        + conflict.owner().manager()
        + "\""
        + (subresource.isEmpty() ? "" : " with subresource \"" + subresource + "\"")
        + " using "
        + conflict.owner().apiVersion();
  }
}
