package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.RawSocket;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds on what one peer can pin, each at its limit and one beyond. */
@Timeout(60)
final class EdgeBoundsTest {
  private static final String UPGRADE =
      "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  private FakeCluster cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    gateway =
        TestGateway.start(
            cluster, "gateway", TestGateway.limits(1000, 1000, 2, 2, Duration.ofMillis(200)));
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void bodyIsReadOnlyOfWhoIsKnown() throws Exception {
    String head =
        "POST /api/v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
            + "Authorization: Bearer %s\r\n\r\n";
    try (RawSocket stranger = RawSocket.to(gateway.port())) {
      stranger.write(head.formatted("bad"));
      assertThat(stranger.readUntilClosed()).startsWith("HTTP/1.1 401").contains("UNAUTHENTICATED");
    }
    try (RawSocket known = RawSocket.to(gateway.port())) {
      known.write(head.formatted("ann").replace("1000000", "1048577"));
      assertThat(known.readLine()).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void tooManyRequestsAreAnsweredWith429() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/me"))
              .header("Authorization", "Bearer ann")
              .build();
      HttpResponse<String> last = null;
      int allowed = 0;
      for (int i = 0; i < 50 && (last == null || last.statusCode() == 200); i++) {
        last = http.send(request, HttpResponse.BodyHandlers.ofString());
        allowed += last.statusCode() == 200 ? 1 : 0;
      }
      assertThat(allowed).isGreaterThanOrEqualTo(4);
      assertThat(last.statusCode()).isEqualTo(429);
      assertThat(last.headers().firstValue("Retry-After")).contains("1");
      assertThat(last.body()).contains("RESOURCE_EXHAUSTED");
    }
  }

  @Test
  void socketsOfOneUserAreBounded() throws Exception {
    Client first = open("ann");
    open("ann");
    assertThat(Client.connect(gateway.port(), "?access_token=ann").closeCode()).isEqualTo(4029);
    open("bob");
    first.close();
    assertThat(first.closeCode()).isEqualTo(1000);
    open("ann");
  }

  @Test
  void handshakesOutsideOfAnyDocumentTakeNoPlace() throws Exception {
    for (int i = 0; i <= TestGateway.SOCKETS; i++) {
      try (RawSocket stray = RawSocket.to(gateway.port())) {
        stray.write(UPGRADE.formatted("/yjs"));
        assertThat(stray.readLine()).startsWith("HTTP/1.1 404");
      }
    }
    open("ann");
  }

  @Test
  void silentPeerIsClosedWith4007AndAPingedOneStays() throws Exception {
    Client living = open("ann");
    try (RawSocket silent = RawSocket.to(gateway.port())) {
      silent.write(UPGRADE.formatted("/ws?access_token=bob"));
      assertThat(silent.readUntilClosed()).startsWith("HTTP/1.1 101").contains("no sign of life");
    }
    living.send("{'t':'ping'}");
    living.expect("pong");
  }

  @Test
  void bytesInFlightAreBoundedAndHoldTheReaderBack() throws Exception {
    Client client = open("ann");
    client.send("{'t':'attach','doc':'d'}");
    client.expect("attached");
    cluster.holdAnswers();
    String data = "'" + "x".repeat(3000) + "'";
    // The third would make 9,000 bytes of 8,192 and be nacked, were it read before an answer.
    for (int i = 1; i <= 3; i++) {
      client.send("{'t':'op','doc':'d','client_seq':" + i + ",'data':" + data + "}");
    }
    // It stands behind the third operation, so it must not be read either.
    client.send("{'t':'ping'}");
    cluster.awaitHeld(2);
    cluster.releaseAnswers();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      JsonNode answer = client.next();
      answers.add(answer.path("t").asText() + answer.path("client_seq").asText());
    }
    assertThat(answers)
        .startsWith("ack1")
        .containsExactlyInAnyOrder("ack1", "ack2", "ack3", "pong");
  }

  private Client open(String token) throws InterruptedException {
    Client client = Client.connect(gateway.port(), "?access_token=" + token);
    client.expect("welcome");
    return client;
  }
}
