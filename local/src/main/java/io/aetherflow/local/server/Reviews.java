package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;

/** Access reviews about the caller, and tokens on request. */
final class Reviews {
  private final Rbac rbac;

  Reviews(Rbac rbac) {
    this.rbac = rbac;
  }

  /** Fills in the status of a SelfSubjectAccessReview. */
  ObjectNode access(Identity who, ObjectNode review) {
    JsonNode wanted = Json.at(review, "spec", "resourceAttributes");
    String sub = Json.text(wanted, "subresource");
    Rbac.Action action =
        new Rbac.Action(
            Json.text(wanted, "verb"),
            Json.text(wanted, "group"),
            Json.text(wanted, "resource") + (sub.isEmpty() ? "" : "/" + sub),
            Json.text(wanted, "namespace"),
            Json.text(wanted, "name"));
    boolean allowed = wanted.isMissingNode() ? who.admin() : rbac.allows(who, action);
    review.putObject("status").put("allowed", allowed);
    return review;
  }

  /** Fills in the status of a SelfSubjectRulesReview. */
  ObjectNode rules(Identity who, ObjectNode review) {
    ObjectNode status = review.putObject("status").put("incomplete", false);
    var resourceRules = status.putArray("resourceRules");
    status.putArray("nonResourceRules");
    rbac.rules(who, Json.text(review, "spec", "namespace")).forEach(resourceRules::add);
    return review;
  }
}
