package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.api.AppliedTuning;
import io.aetherflow.gateway.auth.Grants;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.cluster.ClusterReader;
import io.aetherflow.gateway.cluster.Pods;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.runtime.health.HttpEndpoint;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the console asks for, over HTTP from a gateway and from pods. */
@Timeout(60)
class ConsoleTest {
  private static final String METRICS =
      """
      quantum_packets_sent_total 12
      quantum_rtt_seconds_bucket{le="0.001"} 5
      quantum_rtt_seconds_bucket{le="+Inf"} 6
      secret_total 1
      """;

  private final AtomicInteger scrapes = new AtomicInteger();
  private final HttpClient http = HttpClient.newHttpClient();
  private FakeCluster cluster;
  private HttpEndpoint pod;
  private Pods pods;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    pod =
        new HttpEndpoint("127.0.0.1", 0)
            .path(
                "/metrics",
                () -> {
                  scrapes.incrementAndGet();
                  return new HttpEndpoint.Answer(200, "text/plain", METRICS);
                })
            .start();
    URI here = URI.create("http://127.0.0.1:" + pod.port() + "/metrics");
    URI nowhere = URI.create("http://127.0.0.1:1/metrics");
    AppliedTuning tuning =
        new AppliedTuning(42, "2026-01-02T03:04:05Z", Map.of("k", "why"), "", "");
    pods =
        () ->
            List.of(
                new Pods.Pod("statesync-service", "s-0", here, Optional.of(tuning)),
                new Pods.Pod("statesync-service", "s-1", nowhere, Optional.empty()));
    gateway =
        TestGateway.start(
            cluster,
            "gateway",
            Limits.DEFAULTS,
            token ->
                new Principal(
                    token, Instant.now().plusSeconds(60), Grants.ALL, token.equals("operator")),
            pods);
  }

  @AfterEach
  void stop() {
    gateway.close();
    pod.close();
    cluster.close();
    http.close();
  }

  @Test
  void whoMaySeesEachPodsTuningAndMetersAndWhoIsSilent() throws Exception {
    HttpResponse<String> answer = get("/api/v1/cluster", "operator");

    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode pods = new ObjectMapper().readTree(answer.body()).path("pods");
    assertThat(pods).hasSize(2);
    assertThat(pods.at("/0/answers").asBoolean()).isTrue();
    assertThat(pods.at("/0/tuning/revision").asLong()).isEqualTo(42);
    assertThat(pods.at("/0/tuning/rejected/k").asText()).isEqualTo("why");
    assertThat(pods.at("/0/values/quantum_packets_sent_total").asDouble()).isEqualTo(12);
    assertThat(pods.at("/0/histograms/quantum_rtt_seconds").toString())
        .isEqualTo("[[0.001,5.0],[null,6.0]]");
    assertThat(pods.at("/0/values").has("secret_total")).isFalse();
    assertThat(pods.at("/1/answers").asBoolean(true)).isFalse();
    assertThat(pods.at("/1").has("tuning")).isFalse();
  }

  @Test
  void whoMayNotGetsNothingAndCostsThePodsNothing() throws Exception {
    HttpResponse<String> answer = get("/api/v1/cluster", "ann");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("PERMISSION_DENIED").contains("console");
    assertThat(scrapes).hasValue(0);
  }

  @Test
  void viewersAtOneMomentCostOneReading() throws Exception {
    AtomicLong nowNs = new AtomicLong(1);
    try (ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        ClusterReader reader = new ClusterReader("gateway", pods, blocking, nowNs::get)) {
      String first = reader.read();
      nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(900));
      assertThat(reader.read()).isEqualTo(first);
      assertThat(scrapes).hasValue(1);
      nowNs.incrementAndGet();
      assertThat(reader.read()).isNotEqualTo(first);
      assertThat(scrapes).hasValue(2);
    }
  }

  @Test
  void pagesComeWithTheirFilesAndLetNothingElseIn() throws Exception {
    for (String page : List.of("/", "/demo", "/console", "/assets/demo.js", "/assets/page.css")) {
      HttpResponse<String> answer = get(page, "");
      assertThat(answer.statusCode()).as(page).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
          .startsWith("default-src 'self'");
      assertThat(answer.body()).doesNotContain("https://cdn").isNotEmpty();
      String tag = answer.headers().firstValue("ETag").orElseThrow();
      HttpRequest again =
          request(page).header("If-None-Match", tag).header("Accept-Encoding", "gzip").build();
      assertThat(http.send(again, BodyHandlers.ofString()).statusCode()).isEqualTo(304);
    }
  }

  private HttpResponse<String> get(String path, String token) throws Exception {
    return http.send(
        request(path).header("Authorization", "Bearer " + token).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
  }
}
