package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Db;
import io.aetherflow.local.store.Errors;
import java.util.ArrayList;
import java.util.List;

/** Decides requests by the Role and ClusterRole objects in the store. Thread-safe. */
final class Rbac {
  private static final String API_GROUP = ".rbac.authorization.k8s.io";

  private final Db db;

  Rbac(Db db) {
    this.db = db;
  }

  /**
   * One attempted action.
   *
   * @param resource plural, with {@code /subresource} if any
   * @param namespace empty for cluster-wide requests
   */
  record Action(String verb, String group, String resource, String namespace, String name) {}

  void check(Identity who, Action action) {
    if (!allows(who, action)) {
      String where =
          action.namespace.isEmpty()
              ? " at the cluster scope"
              : " in the namespace \"" + action.namespace + "\"";
      String plain = action.resource.replaceFirst("/.*", "");
      String full = action.group.isEmpty() ? plain : plain + "." + action.group;
      String named = action.name.isEmpty() ? "" : " \"" + action.name + "\"";
      throw Errors.forbidden(
          full
              + named
              + " is forbidden: User \""
              + who.user()
              + "\" cannot "
              + action.verb
              + " resource \""
              + action.resource
              + "\" in API group \""
              + action.group
              + "\""
              + where);
    }
  }

  boolean allows(Identity who, Action action) {
    if (who.admin()) {
      return true;
    }
    for (JsonNode rule : rules(who, action.namespace)) {
      if (has(rule, "verbs", action.verb)
          && has(rule, "apiGroups", action.group)
          && hasResource(rule, action.resource)
          && (rule.path("resourceNames").isEmpty() || has(rule, "resourceNames", action.name))) {
        return true;
      }
    }
    return false;
  }

  /** All rules that bind the identity in the namespace, cluster-wide ones included. */
  List<JsonNode> rules(Identity who, String namespace) {
    List<JsonNode> rules = new ArrayList<>();
    if (who.admin()) {
      ObjectNode all = Json.object();
      for (String field : List.of("verbs", "apiGroups", "resources")) {
        all.putArray(field).add("*");
      }
      rules.add(all);
    }
    for (ObjectNode binding : db.list("clusterrolebindings" + API_GROUP, null).items()) {
      collect(binding, "", who, rules);
    }
    if (!namespace.isEmpty()) {
      for (ObjectNode binding : db.list("rolebindings" + API_GROUP, namespace).items()) {
        collect(binding, namespace, who, rules);
      }
    }
    return rules;
  }

  private void collect(ObjectNode binding, String namespace, Identity who, List<JsonNode> rules) {
    for (JsonNode subject : binding.path("subjects")) {
      if (is(subject, namespace, who)) {
        boolean cluster = Json.text(binding, "roleRef", "kind").equals("ClusterRole");
        String resource = (cluster ? "clusterroles" : "roles") + API_GROUP;
        String name = Json.text(binding, "roleRef", "name");
        ObjectNode role = db.get(resource, cluster ? "" : namespace, name);
        if (role != null) {
          role.path("rules").forEach(rules::add);
        }
        return;
      }
    }
  }

  private static boolean is(JsonNode subject, String namespace, Identity who) {
    String name = Json.text(subject, "name");
    return switch (Json.text(subject, "kind")) {
      case "User" -> name.equals(who.user());
      case "Group" -> who.groups().contains(name);
      case "ServiceAccount" -> {
        String own = Json.text(subject, "namespace");
        String where = own.isEmpty() ? namespace : own;
        yield who.user().equals("system:serviceaccount:" + where + ":" + name);
      }
      default -> false;
    };
  }

  private static boolean has(JsonNode rule, String field, String wanted) {
    for (JsonNode value : rule.path(field)) {
      if (value.asText().equals("*") || value.asText().equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasResource(JsonNode rule, String resource) {
    int slash = resource.indexOf('/');
    return has(rule, "resources", resource)
        || slash > 0 && has(rule, "resources", "*" + resource.substring(slash));
  }
}
