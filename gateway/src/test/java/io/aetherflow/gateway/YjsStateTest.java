package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real yjs and y-websocket packages at a document whose history grows for long. */
@Timeout(240)
final class YjsStateTest {
  private static final String TOKEN = "ann";
  private static final String DOCUMENT = "months";

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void clientsThatJoinSupplyTheStateAndHistoryGivesWayToIt() throws Exception {
    try (RealStateSync cluster = new RealStateSync();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS)) {
      String address = "127.0.0.1:" + gateway.port();
      String operations = "http://" + address + "/api/v1/documents/" + DOCUMENT + "/operations";
      NodeStory story = new NodeStory(Path.of("src/test/js"), Map.of());
      story.run(
          Map.of(
              "supplied",
              () ->
                  await()
                      .atMost(Duration.ofSeconds(60))
                      .untilAsserted(() ->
                          assertThat(get(operations).statusCode())
                              .as("the history from 1 on is trimmed")
                              .isEqualTo(410))),
          "yjs-state-story.mjs",
          "ws://" + address,
          "http://" + address,
          TOKEN,
          DOCUMENT);
    }
  }

  private HttpResponse<String> get(String address) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(address))
            .header("Authorization", "Bearer " + TOKEN)
            .build(),
        BodyHandlers.ofString());
  }
}
