package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.nio.file.Path;

/** Why a cluster did not become Ready, from what the cluster itself says. */
final class Diagnosis {
  private Diagnosis() {}

  static void print(
      PrintStream out, JsonNode cluster, JsonNode pods, int timeoutSeconds, Path state) {
    String name = cluster.at("/metadata/name").asText();
    out.printf("aetherflow: cluster '%s' is not Ready after %d s:%n", name, timeoutSeconds);
    for (JsonNode condition : cluster.at("/status/conditions")) {
      out.printf(
          "  %-18s %-8s %s: %s%n",
          condition.path("type").asText(),
          condition.path("status").asText(),
          condition.path("reason").asText(),
          condition.path("message").asText());
    }
    out.println("  " + Progress.line(cluster, pods));
    out.printf("Logs of every pod are under %s.%n", state.resolve("logs"));
  }
}
