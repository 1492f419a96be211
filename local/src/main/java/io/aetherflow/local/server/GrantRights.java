package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Db;
import io.aetherflow.local.store.Errors;
import java.util.List;

/**
 * Who may grant rights: as in Kubernetes, whoever has them where they are granted, or the verb
 * {@code escalate} on roles or {@code bind} on what is bound. Thread-safe.
 */
final class GrantRights {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private static final List<JsonNode> ANY_NAME = List.of(Json.MAPPER.getNodeFactory().textNode(""));

  private final Db db;
  private final Rbac rbac;

  GrantRights(Db db, Rbac rbac) {
    this.db = db;
    this.rbac = rbac;
  }

  /**
   * @param body the role or binding as it is to be
   * @throws ApiException 403 when it grants more than the user has
   */
  void check(Call call, JsonNode body) {
    if (call.who().admin() || !call.kind().group().equals(GROUP)) {
      return;
    }
    switch (call.kind().plural()) {
      case "roles", "clusterroles" -> {
        if (!may(call, "escalate", call.kind().plural(), name(call, body))) {
          checkRules(call, body, body.path("rules"));
        }
      }
      case "rolebindings", "clusterrolebindings" -> {
        String role = Json.text(body, "roleRef", "name");
        boolean cluster = Json.text(body, "roleRef", "kind").equals("ClusterRole");
        String plural = cluster ? "clusterroles" : "roles";
        if (!may(call, "bind", plural, role)) {
          JsonNode bound = db.get(plural + "." + GROUP, cluster ? "" : call.namespace(), role);
          if (bound == null) {
            throw Errors.of(404, "NotFound", plural + "." + GROUP + " \"" + role + "\" not found");
          }
          checkRules(call, body, bound.path("rules"));
        }
      }
      default -> {}
    }
  }

  private boolean may(Call call, String verb, String resource, String name) {
    return rbac.allows(call.who(), new Rbac.Action(verb, GROUP, resource, call.namespace(), name));
  }

  private void checkRules(Call call, JsonNode body, JsonNode rules) {
    for (JsonNode rule : rules) {
      if (!has(call, rule)) {
        throw Errors.forbidden(
            call.kind().resource()
                + " \""
                + name(call, body)
                + "\" is forbidden: user \""
                + call.who().user()
                + "\" is attempting to grant RBAC permissions not currently held:\n"
                + rule);
      }
    }
  }

  private boolean has(Call call, JsonNode rule) {
    if (!rule.path("nonResourceURLs").isEmpty()) {
      // No account but an administrator's has such a right here.
      return false;
    }
    Iterable<JsonNode> names =
        rule.path("resourceNames").isEmpty() ? ANY_NAME : rule.path("resourceNames");
    for (JsonNode verb : rule.path("verbs")) {
      for (JsonNode group : rule.path("apiGroups")) {
        for (JsonNode resource : rule.path("resources")) {
          for (JsonNode name : names) {
            Rbac.Action action =
                new Rbac.Action(
                    verb.asText(),
                    group.asText(),
                    resource.asText(),
                    call.namespace(),
                    name.asText());
            if (!rbac.allows(call.who(), action)) {
              return false;
            }
          }
        }
      }
    }
    return true;
  }

  private static String name(Call call, JsonNode body) {
    return call.name().isEmpty() ? Json.text(body, "metadata", "name") : call.name();
  }
}
