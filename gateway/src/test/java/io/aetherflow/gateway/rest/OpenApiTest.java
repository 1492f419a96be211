package io.aetherflow.gateway.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.gateway.GatewayServer;
import io.aetherflow.gateway.Limits;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The document that a gateway serves against the routes that it has. */
@Timeout(60)
final class OpenApiTest {
  private FakeCluster cluster;
  private GatewayServer gateway;
  private JsonNode document;

  @BeforeEach
  void start() throws Exception {
    cluster = new FakeCluster();
    gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + gateway.port() + "/openapi.json"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      document = new ObjectMapper().readTree(response.body());
    }
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void itDescribesEachRouteAndNoOther() throws IOException {
    Set<String> described = new TreeSet<>();
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .fieldNames()
                .forEachRemaining(method -> {
                  if (!method.equals("parameters")) {
                    described.add(method.toUpperCase() + " " + path.getKey());
                  }
                }));
    Set<String> routed = new TreeSet<>();
    for (RestApi.Routed each : gateway.apiRoutes()) {
      routed.add(each.method() + " " + each.path().replaceAll(":([a-z]+)", "{$1}"));
    }
    assertThat(routed).hasSize(24);
    assertThat(described).isEqualTo(routed);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    for (JsonNode reference : document.findValues("$ref")) {
      assertThat(document.at(reference.asText().substring(1)).isMissingNode())
          .as(reference.asText())
          .isFalse();
    }
    assertThat(document.path("openapi").asText()).startsWith("3.1");
  }
}
