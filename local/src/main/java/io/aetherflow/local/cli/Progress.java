package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** One line that says how far a cluster is, from its status and its pods. Pure. */
final class Progress {
  private static final int PODS_NAMED_MAX = 2;

  private Progress() {}

  static boolean ready(JsonNode cluster) {
    long generation = cluster.at("/metadata/generation").asLong();
    for (JsonNode condition : cluster.at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("status").asText().equals("True")
            && condition.path("observedGeneration").asLong() == generation;
      }
    }
    return false;
  }

  /** Whether there are pods and each is ready. */
  static boolean allReady(JsonNode pods) {
    for (JsonNode pod : pods.path("items")) {
      if (!isTrue(pod, "Ready")) {
        return false;
      }
    }
    return !pods.path("items").isEmpty();
  }

  private static boolean isTrue(JsonNode object, String type) {
    for (JsonNode condition : object.at("/status/conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals("True");
      }
    }
    return false;
  }

  static String line(JsonNode cluster, JsonNode pods) {
    JsonNode display = cluster.at("/status/display");
    StringBuilder line = new StringBuilder(cluster.at("/metadata/name").asText());
    if (display.isMissingNode()) {
      line.append("  waiting for the operator");
    } else {
      for (String part : List.of("etcd", "gateway", "session", "stateSync", "tuned")) {
        line.append("  ").append(part).append(' ').append(display.path(part).asText("-"));
      }
    }
    List<String> waiting = waitingPods(pods);
    if (!waiting.isEmpty()) {
      line.append("  (").append(String.join(", ", waiting)).append(')');
    }
    return line.toString();
  }

  private static List<String> waitingPods(JsonNode pods) {
    List<String> waiting = new ArrayList<>();
    for (JsonNode pod : pods.path("items")) {
      JsonNode container = pod.at("/status/containerStatuses/0");
      if (container.path("ready").asBoolean()) {
        continue;
      }
      String reason = container.at("/state/waiting/reason").asText("starting");
      waiting.add(pod.at("/metadata/name").asText() + ": " + reason);
    }
    int more = waiting.size() - PODS_NAMED_MAX;
    if (more > 0) {
      waiting = new ArrayList<>(waiting.subList(0, PODS_NAMED_MAX));
      waiting.add(more + " more");
    }
    return waiting;
  }
}
