package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Deletion;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Deletions of pods that a PodDisruptionBudget may refuse, as a drain asks for them. */
final class Evictions {
  private static final String PODS = "pods";
  private static final String BUDGETS = "poddisruptionbudgets.policy";

  /** What has not begun or has ended serves nobody. */
  private static final Set<String> IDLE = Set.of("Pending", "Succeeded", "Failed");

  private final Resources resources;

  Evictions(Resources resources) {
    this.resources = resources;
  }

  /**
   * @throws ApiException 429 when the budget allows no disruption now
   */
  void evict(Kind pods, String namespace, String name, Deletion how) {
    // Two at once must not both be the one that may go.
    synchronized (resources.db()) {
      ObjectNode pod = resources.get(pods, namespace, name);
      if (serves(pod)) {
        ask(pod, namespace);
      }
      resources.delete(pods, namespace, name, how);
    }
  }

  private void ask(ObjectNode pod, String namespace) {
    List<ObjectNode> budgets = budgets(pod, namespace);
    if (budgets.isEmpty()) {
      return;
    }
    if (budgets.size() > 1) {
      throw Errors.of(
          500,
          "InternalError",
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
              + " support.");
    }
    check(budgets.getFirst(), pod, namespace);
  }

  /** By a count of now: the one in the budget's status may be from before the last eviction. */
  private void check(ObjectNode budget, ObjectNode pod, String namespace) {
    JsonNode selector = Json.at(budget, "spec", "selector");
    int healthy =
        (int)
            resources.db().list(PODS, namespace).items().stream()
                .filter(each -> selects(selector, each) && serves(each) && isReady(each))
                .count();
    int desired = Json.at(budget, "status", "desiredHealthy").asInt();
    // A pod that is not ready is lost already, where the rest is enough or need not be.
    boolean spares =
        Json.text(budget, "spec", "unhealthyPodEvictionPolicy").equals("AlwaysAllow")
            || desired > 0 && healthy >= desired;
    if (spares && !isReady(pod)) {
      return;
    }
    boolean counted =
        Json.at(budget, "status", "observedGeneration").asLong()
            >= Json.at(budget, "metadata", "generation").asLong();
    if (healthy <= desired || !counted) {
      throw Errors.disruption(Json.text(budget, "metadata", "name"), desired, healthy);
    }
  }

  private List<ObjectNode> budgets(ObjectNode pod, String namespace) {
    return resources.db().list(BUDGETS, namespace).items().stream()
        .filter(budget -> selects(Json.at(budget, "spec", "selector"), pod))
        .toList();
  }

  /** An empty selector means all pods, an absent one none. */
  private static boolean selects(JsonNode selector, ObjectNode pod) {
    if (!selector.isObject()) {
      return false;
    }
    List<String> terms = new ArrayList<>();
    selector
        .path("matchLabels")
        .properties()
        .forEach(label -> terms.add(label.getKey() + "=" + label.getValue().asText()));
    for (JsonNode expression : selector.path("matchExpressions")) {
      String key = Json.text(expression, "key");
      List<String> values = new ArrayList<>();
      expression.path("values").forEach(value -> values.add(value.asText()));
      String list = "(" + String.join(",", values) + ")";
      terms.add(
          switch (Json.text(expression, "operator")) {
            case "In" -> key + " in " + list;
            case "NotIn" -> key + " notin " + list;
            case "DoesNotExist" -> "!" + key;
            default -> key;
          });
    }
    return Selectors.of(String.join(",", terms), "").test(pod);
  }

  private static boolean serves(ObjectNode pod) {
    return !IDLE.contains(Json.text(pod, "status", "phase"))
        && !Json.at(pod, "metadata").has("deletionTimestamp");
  }

  private static boolean isReady(ObjectNode pod) {
    for (JsonNode condition : Json.at(pod, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }
}
