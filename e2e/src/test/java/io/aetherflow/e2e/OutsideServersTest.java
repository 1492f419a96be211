package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.OutsideServer;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * A collector and an issuer of tokens that the resource names: spans of a request come from every
 * service it crosses, and the issuer's tokens are taken, also after it changed its key.
 */
@ClusterTest
@Order(54)
class OutsideServersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  private final Cluster cluster;
  private final HttpClient http = HttpClient.newHttpClient();
  private AfcState before;

  OutsideServersTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void remember() {
    Assumptions.assumeTrue(
        cluster.isLocal(), "pods reach a server of this machine on the local cluster only");
    cluster.awaitReady();
    before = cluster.afc().get();
  }

  @AfterEach
  void restore() {
    if (before != null) {
      cluster.afc().restore(before);
      cluster.awaitReady();
    }
  }

  @Test
  void aRequestWithAnIssuersTokenIsToldByEveryServiceItCrosses() throws Exception {
    try (OutsideServer outside = new OutsideServer()) {
      RSAKey key = outside.newKey();
      cluster
          .afc()
          .patch(
              """
              {"spec": {"tracing": {"endpoint": "%s", "samplePercent": 100},
                        "gateway": {"auth": {"jwksUrl": "%s/keys", "issuer": "%s"}}}}
              """
                  .formatted(outside.url(), outside.url(), OutsideServer.ISSUER));
      awaitEveryPodSet("OTEL_EXPORTER_OTLP_ENDPOINT", outside.url());
      cluster.afc().awaitSettled(TIMEOUT);
      Pod gateway = cluster.pods("api-gateway").getFirst();
      try (Door door = Door.to(cluster, gateway)) {
        String document = "e2e-" + UUID.randomUUID();
        HttpResponse<String> response =
            post(
                door,
                "/documents/" + document + "/operations",
                "{\"client_id\":\"c\",\"operations\":[{\"client_seq\":1,\"data\":1}]}",
                Tokens.signed("ann", key, OutsideServer.ISSUER));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        String guuid = response.headers().firstValue("X-Request-Id").orElseThrow();
        await()
            .atMost(TIMEOUT)
            .untilAsserted(() ->
                assertThat(outside.services(guuid)).contains("api-gateway", "statesync-service"));

        String session = Tokens.signed("ann", outside.newKey(), OutsideServer.ISSUER);
        // A gateway reads the keys again at most once in 5 s.
        HttpResponse<String> opened =
            await("a key made since")
                .atMost(TIMEOUT)
                .until(
                    () -> post(door, "/sessions", "{}", session),
                    answer -> answer.statusCode() == 201);
        String other = opened.headers().firstValue("X-Request-Id").orElseThrow();
        await()
            .atMost(TIMEOUT)
            .untilAsserted(() ->
                assertThat(outside.services(other)).contains("api-gateway", "session-service"));

        String stranger = Tokens.signed("eve", key, "https://other.example");
        assertThat(post(door, "/sessions", "{}", stranger).statusCode()).isEqualTo(401);
        assertThat(post(door, "/sessions", "{}", Tokens.of(cluster).mint("bob")).statusCode())
            .as("the cluster's own secret still signs")
            .isEqualTo(201);
      }
    }
  }

  private void awaitEveryPodSet(String variable, String value) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> {
          Map<String, String> set = new TreeMap<>();
          for (Pod pod : cluster.dataPlanePods()) {
            set.put(
                pod.getMetadata().getName(),
                pod.getSpec().getContainers().getFirst().getEnv().stream()
                    .filter(each -> each.getName().equals(variable))
                    .map(each -> each.getValue())
                    .findFirst()
                    .orElse("unset"));
          }
          assertThat(set).isNotEmpty();
          assertThat(set.values()).containsOnly(value);
        });
  }

  private HttpResponse<String> post(Door door, String path, String json, String token)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + door.authority() + "/api/v1" + path))
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }
}
