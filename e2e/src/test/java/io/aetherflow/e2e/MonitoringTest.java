package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.metrics.PodDiscovery;
import io.aetherflow.e2e.metrics.Prometheus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Prometheus of this machine, with the configuration and rules that the operator makes, reads the
 * local cluster, and finds data for every query of every dashboard.
 */
@ClusterTest
@LocalOnly
@Order(45)
class MonitoringTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration DATA_TIMEOUT = Duration.ofSeconds(120);
  private static final int OPS = 200;

  /** Alerts about latency, which on a shared machine say how busy it is. */
  private static final List<String> OF_THE_MACHINE =
      List.of("QuantumHighLatency", "HighRequestLatency", "EtcdSlowDisk");

  private static final int METRICS_PORT = 9464;

  /** Before a selector or a range. */
  private static final Pattern METRIC = Pattern.compile("[a-z_:][a-z0-9_:]+(?=[{\\[])");

  /** Begins with the first failure. */
  private static final String FAILURES = "operator_sdk_reconciliations_failed_total";

  private final Cluster cluster;

  MonitoringTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void everyQueryOfEveryDashboardFindsData(@TempDir Path dir) throws IOException {
    cluster.awaitReady();
    AfcState before = cluster.afc().get();
    try {
      cluster
          .afc()
          .patch(
              "{\"spec\":{\"monitoring\":{\"mode\":\"Standalone\","
                  + "\"prometheus\":{\"scrapeIntervalSeconds\":1}}}}");
      await().atMost(TIMEOUT).until(() -> configMap("demo-grafana-provisioning") != null);
      writeConfiguration(dir);
      try (Prometheus prometheus = Prometheus.start(dir)) {
        await().atMost(TIMEOUT).until(prometheus::ready);
        use();
        await().atMost(TIMEOUT).until(() -> downTargets(prometheus), List::isEmpty);
        // What happened before the first reading shows in no rate.
        use();
        await().atMost(DATA_TIMEOUT).until(() -> queriesWithoutData(prometheus), List::isEmpty);
        assertThat(metricsWithoutSeries(prometheus)).as("metrics nobody exports").isEmpty();
        assertRulesEvaluate(prometheus);
        assertThat(prometheus.query("aetherflow:gateway_error_budget:remaining_ratio"))
            .singleElement()
            .satisfies(sample -> assertThat(sample.value()).isLessThanOrEqualTo(1));
      }
      theMonitoringDoesNotDecideWhetherTheClusterIsReady();
    } finally {
      cluster.afc().restore(before);
      await().atMost(TIMEOUT).until(() -> configMap("demo-prometheus-config") == null);
    }
  }

  @Test
  void everyEndpointKeepsTheConventions() throws Exception {
    cluster.awaitReady();
    use();
    List<Pod> pods = new ArrayList<>(cluster.dataPlanePods());
    pods.add(cluster.operatorPod());
    for (Pod pod : pods) {
      Command.Result checked =
          Command.run(List.of("promtool", "check", "metrics"), Map.of(), scrape(pod), TIMEOUT);
      assertThat(checked.exit())
          .as("%s: %s%s", pod.getMetadata().getName(), checked.out(), checked.err())
          .isZero();
    }
  }

  /** No image of Prometheus, Alertmanager and Grafana runs here, and the status says so. */
  private void theMonitoringDoesNotDecideWhetherTheClusterIsReady() {
    AfcState state =
        cluster
            .afc()
            .await(
                "MonitoringReady False for want of images",
                TIMEOUT,
                each -> each.condition("MonitoringReady").reason().equals("ErrImagePull"));
    assertThat(state.condition("Ready").isTrue()).isTrue();
    assertThat(state.condition("Degraded").isTrue()).isFalse();
  }

  private void writeConfiguration(Path dir) throws IOException {
    Map<String, String> files = configMap("demo-prometheus-config").getData();
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(dir.resolve(file.getKey()), file.getValue());
    }
    YAMLMapper yaml = new YAMLMapper();
    ObjectNode config = (ObjectNode) yaml.readTree(files.get("prometheus.yml"));
    ObjectNode pods = (ObjectNode) config.at("/scrape_configs/0");
    assertThat(pods.remove("kubernetes_sd_configs")).isNotNull();
    pods.withArray("file_sd_configs").addObject().putArray("files").add("pods.json");
    Files.writeString(
        dir.resolve("pods.json"),
        PodDiscovery.targets(
            cluster.client().pods().inNamespace(Cluster.NAMESPACE).list().getItems()));
    // Names of Services are known to pods, not to this machine.
    Service operator =
        cluster
            .client()
            .services()
            .inNamespace(Cluster.OPERATOR_NAMESPACE)
            .withName("aetherflow-operator-metrics")
            .get();
    String text =
        yaml.writeValueAsString(config)
            .replace(
                "aetherflow-operator-metrics." + Cluster.OPERATOR_NAMESPACE + ".svc",
                operator.getSpec().getClusterIP());
    Files.writeString(dir.resolve("prometheus.yml"), text);
  }

  /** Something of everything: requests that succeed and fail, sockets, operations. */
  private void use() {
    String token = Tokens.of(cluster).mint("ada");
    for (Pod gateway : cluster.pods("api-gateway")) {
      try (Door door = Door.to(cluster, gateway);
          Rest rest = new Rest(door, token);
          Editor ada = new Editor("ada", door, token, "e2e-" + UUID.randomUUID())) {
        rest.post("/documents", "{}").ok();
        rest.get("/sessions").ok();
        assertThat(rest.get("/documents/none-of-this-name").status()).isEqualTo(404);
        ada.awaitAttached(TIMEOUT);
        ada.write(OPS);
        ada.awaitAcked(TIMEOUT);
      }
    }
  }

  private static List<String> downTargets(Prometheus prometheus) {
    List<String> down = new ArrayList<>();
    List<String> components = new ArrayList<>();
    for (JsonNode target : prometheus.targets()) {
      String component = target.at("/labels/component").asText("operator");
      components.add(component);
      boolean runsHere = !List.of("prometheus", "alertmanager", "grafana").contains(component);
      if (runsHere && !target.path("health").asText().equals("up")) {
        down.add(target.path("scrapeUrl").asText() + " " + target.path("lastError").asText());
      }
    }
    for (String expected :
        List.of("api-gateway", "session-service", "statesync-service", "etcd", "operator")) {
      if (!components.contains(expected)) {
        down.add("no target of " + expected);
      }
    }
    return down;
  }

  private List<String> queriesWithoutData(Prometheus prometheus) throws IOException {
    List<String> without = new ArrayList<>();
    List<String> queries = queries();
    for (String query : queries) {
      boolean data =
          prometheus.query(query).stream().anyMatch(sample -> !Double.isNaN(sample.value()));
      if (!data) {
        without.add(query);
      }
    }
    assertThat(queries).as("queries of all dashboards").hasSizeGreaterThan(50);
    return without;
  }

  /** A query that falls back to zero finds data though its metric be misspelt. */
  private Set<String> metricsWithoutSeries(Prometheus prometheus) throws IOException {
    Set<String> metrics = new TreeSet<>();
    for (String query : queries()) {
      METRIC.matcher(query).results().map(MatchResult::group).forEach(metrics::add);
    }
    assertThat(metrics).hasSizeGreaterThan(50);
    metrics.remove(FAILURES);
    metrics.removeIf(name -> !prometheus.query(name).isEmpty());
    return metrics;
  }

  private List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    for (String dashboard : configMap("demo-grafana-dashboards").getData().values()) {
      for (JsonNode expr : new ObjectMapper().readTree(dashboard).findValues("expr")) {
        queries.add(
            expr.asText()
                .replace("$namespace", Cluster.NAMESPACE)
                .replace("$cluster", Cluster.NAME)
                .replace("$__rate_interval", "1m"));
      }
    }
    return queries;
  }

  private static void assertRulesEvaluate(Prometheus prometheus) {
    List<JsonNode> rules = new ArrayList<>();
    prometheus.ruleGroups().forEach(group -> group.path("rules").forEach(rules::add));
    assertThat(rules).hasSizeGreaterThan(20);
    assertThat(rules)
        .allSatisfy(
            rule -> assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok"));
    assertThat(rules)
        .filteredOn(rule -> rule.path("state").asText().equals("firing"))
        .extracting(rule -> rule.path("name").asText())
        .filteredOn(name -> !OF_THE_MACHINE.contains(name))
        .as("alerts that fire in a healthy cluster")
        .isEmpty();
  }

  private ConfigMap configMap(String name) {
    return cluster.client().configMaps().inNamespace(Cluster.NAMESPACE).withName(name).get();
  }

  private static String scrape(Pod pod) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + pod.getStatus().getPodIP() + ":" + METRICS_PORT + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .collect(Collectors.joining("\n", "", "\n"));
    }
  }
}
