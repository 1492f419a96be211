package io.aetherflow.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboards as they are committed; that their queries find data, the cluster suite shows. */
class DashboardsTest {
  private static final Path COMMITTED = Path.of("..", "grafana");

  /** Of the first design. */
  private static final List<String> METRICS =
      List.of(
          "quantum_packets_sent_total",
          "quantum_packets_received_total",
          "quantum_packets_lost_total",
          "quantum_rtt_seconds",
          "quantum_cwnd_bytes",
          "quantum_inflight_bytes",
          "quantum_fec_recoveries_total",
          "quantum_retransmissions_total",
          "app_active_sessions",
          "app_requests_total",
          "app_request_duration_seconds",
          "app_errors_total",
          "app_concurrent_operations",
          "etcd_cluster_health",
          "etcd_leader_changes_total",
          "kubernetes_pod_restarts_total",
          "kubernetes_node_capacity");

  @Test
  void theCommittedFilesAreWhatTheGeneratorSays() throws IOException {
    for (Map.Entry<String, String> file : Dashboards.all().entrySet()) {
      Path path = COMMITTED.resolve(file.getKey());
      if (Boolean.getBoolean("grafana.write")) {
        Files.createDirectories(COMMITTED);
        Files.writeString(path, file.getValue());
      }
      assertThat(Files.readString(path))
          .as("%s is stale; run: mvn -pl operator -am test -Dgrafana.write=true", path)
          .isEqualTo(file.getValue());
    }
    try (Stream<Path> files = Files.list(COMMITTED)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".json"))
          .containsExactlyInAnyOrderElementsOf(Dashboards.all().keySet());
    }
  }

  @Test
  void everyPanelSaysWhatItMeansAndHasAPlaceOfItsOwn() throws IOException {
    for (String text : Dashboards.all().values()) {
      Set<List<Integer>> taken = new HashSet<>();
      for (JsonNode panel : new ObjectMapper().readTree(text).path("panels")) {
        JsonNode at = panel.path("gridPos");
        for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
          for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
            assertThat(taken.add(List.of(x, y))).as(panel.path("title").asText()).isTrue();
          }
        }
        if (!panel.path("type").asText().equals("row")) {
          assertThat(panel.path("description").asText()).isNotBlank();
          assertThat(panel.path("targets")).isNotEmpty();
        }
      }
    }
  }

  @Test
  void theMetricsOfTheFirstDesignAreAllShown() throws IOException {
    String queries = String.join("\n", expressions());
    assertThat(METRICS).allSatisfy(metric -> assertThat(queries).contains(metric));
  }

  /** As rules, for promtool reads expressions nowhere else without a server. */
  @Test
  void everyQueryIsWellFormed(@TempDir Path dir) throws Exception {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ArrayNode rules = root.putArray("groups").addObject().put("name", "queries").putArray("rules");
    for (String expression : expressions()) {
      rules.addObject().put("record", "query:" + rules.size()).put("expr", expression);
    }
    Path file = dir.resolve("queries.yaml");
    Files.writeString(file, new YAMLMapper().writeValueAsString(root));
    Process promtool =
        new ProcessBuilder("promtool", "check", "rules", file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(promtool.getInputStream().readAllBytes());
    assertThat(promtool.waitFor()).as(output).isZero();
    assertThat(rules).hasSizeGreaterThan(50);
  }

  private static List<String> expressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (String text : Dashboards.all().values()) {
      new ObjectMapper()
          .readTree(text)
          .findValues("expr")
          .forEach(expr -> expressions.add(expr.asText().replace("$__rate_interval", "1m")));
    }
    return expressions.stream().distinct().collect(Collectors.toList());
  }
}
