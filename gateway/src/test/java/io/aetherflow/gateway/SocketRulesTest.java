package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one gateway refuses and how, over WebSocket and REST. */
@Timeout(60)
final class SocketRulesTest {
  private static final Limits LIMITS =
      new Limits(
          4096,
          64 * 1024,
          2,
          3,
          8 * 1024,
          100_000,
          1000,
          1000,
          100,
          50,
          Duration.ofMillis(300),
          Duration.ofMillis(200),
          Duration.ofSeconds(20));
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private FakeCluster cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    gateway = TestGateway.start(cluster, "gateway", LIMITS);
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void badTokenAndMissingHelloAreDenied() {
    Client client = Client.connect(gateway.port(), "");
    client.send("{'t':'hello','token':'bad'}");
    assertThat(client.closeCode()).isEqualTo(4003);
    assertThat(Client.connect(gateway.port(), "").closeCode()).isEqualTo(4003);
  }

  @Test
  void malformedMessagesAreAnsweredAndTheSocketStays() throws Exception {
    Client client = open("ann");
    client.send("{nonsense");
    assertThat(client.expect("error").path("code").asText()).isEqualTo("BAD_MESSAGE");
    client.send("{'t':'attach','id':9,'doc':'no/slash'}");
    assertThat(client.expect("error").path("id").asInt()).isEqualTo(9);
    client.send("{'t':'ping'}");
    client.expect("pong");
  }

  @Test
  void longMessageClosesWith4009() throws Exception {
    Client client = open("ann");
    client.send("{'t':'ping','x':'" + "x".repeat(LIMITS.frameBytes()) + "'}");
    assertThat(client.closeCode()).isEqualTo(4009);
  }

  @Test
  void tooManyMessagesCloseWith4029() throws Exception {
    floodClosesWith4029(client -> client.send("{'t':'ping'}"));
  }

  @Test
  void tooManyBinaryMessagesCloseWith4029Too() throws Exception {
    floodClosesWith4029(client -> client.send(new byte[1]));
  }

  private void floodClosesWith4029(Consumer<Client> message) throws Exception {
    GatewayServer strict =
        TestGateway.start(
            cluster, "strict", TestGateway.limits(1, 5, 1000, 100, Duration.ofSeconds(20)));
    try {
      Client client = Client.connect(strict.port(), "?access_token=ann");
      client.expect("welcome");
      for (int i = 0; i < 7; i++) {
        message.accept(client);
      }
      assertThat(client.closeCode()).isEqualTo(4029);
    } finally {
      strict.close();
    }
  }

  @Test
  void documentsPerSocketAreBounded() throws Exception {
    Client client = open("ann");
    for (String document : new String[] {"a", "b"}) {
      client.send("{'t':'attach','doc':'" + document + "'}");
      client.expect("attached");
    }
    client.send("{'t':'attach','doc':'c'}");
    assertThat(client.expect("error").path("code").asText()).isEqualTo("QUOTA");
    client.send("{'t':'detach','doc':'a'}");
    client.expect("detached");
    client.send("{'t':'attach','doc':'c'}");
    client.expect("attached");
  }

  @Test
  void operationOnADocumentNotAttachedIsRefused() throws Exception {
    Client client = open("ann");
    client.send("{'t':'op','doc':'a','client_seq':1,'data':1}");
    assertThat(client.expect("nack").path("reason").asText()).isEqualTo("NOT_ATTACHED");
  }

  @Test
  void aSecondHelloIsRefusedAndTheSocketStays() throws Exception {
    Client client = open("ann");
    client.send("{'t':'hello','id':3,'token':'bob'}");
    JsonNode refused = client.expect("error");
    assertThat(refused.path("code").asText()).isEqualTo("ALREADY_OPEN");
    assertThat(refused.path("id").asInt()).isEqualTo(3);
    client.send("{'t':'ping'}");
    client.expect("pong");
  }

  @Test
  void aMessageBesideHelloWaitsForWelcome() throws Exception {
    cluster.holdSessions();
    try (RawSocket hasty = RawSocket.to(gateway.port())) {
      hasty.upgrade();
      hasty.write(
          RawSocket.frame("{\"t\":\"hello\",\"token\":\"ann\"}")
              + RawSocket.frame("{\"t\":\"attach\",\"id\":4,\"doc\":\"d\"}"));
      cluster.awaitHeldSession();
      cluster.releaseSessions();
      assertThat(MAPPER.readTree(hasty.readFrame()).path("t").asText()).isEqualTo("welcome");
      JsonNode attached = MAPPER.readTree(hasty.readFrame());
      assertThat(attached.path("t").asText()).isEqualTo("attached");
      assertThat(attached.path("id").asInt()).isEqualTo(4);
    }
  }

  @Test
  void expiredTokenClosesWith4001UnlessRenewed() throws Exception {
    Client renewed = open("ann/1");
    renewed.send("{'t':'auth','token':'ann/60'}");
    assertThat(renewed.expect("welcome").path("ttl_seconds").asLong()).isBetween(50L, 60L);
    assertThat(open("bob/1").closeCode()).isEqualTo(4001);
    renewed.send("{'t':'ping'}");
    renewed.expect("pong");
  }

  @Test
  void anotherUsersTokenDoesNotTakeTheSocketOver() throws Exception {
    Client client = open("ann");
    client.send("{'t':'auth','token':'eve'}");
    assertThat(client.expect("error").path("code").asText()).isEqualTo("DENIED");
  }

  @Test
  void readerThatDoesNotReadIsClosedWith4008() throws Exception {
    Client writer = open("ann");
    writer.send("{'t':'attach','doc':'d'}");
    writer.expect("attached");
    Client lazy = Client.connectWithoutReading(gateway.port(), "?access_token=bob");
    lazy.send("{'t':'attach','doc':'d'}");
    lazy.read(2);
    lazy.expect("welcome");
    lazy.expect("attached");
    int sockets = gateway.sockets();
    String data = "'" + "x".repeat(3500) + "'";
    for (int i = 1; gateway.sockets() == sockets; i++) {
      writer.send("{'t':'op','doc':'d','client_seq':" + i + ",'data':" + data + "}");
      writer.expect("ack");
      Thread.onSpinWait();
    }
    lazy.read(Long.MAX_VALUE / 2);
    assertThat(lazy.closeCode()).isEqualTo(4008);
    assertThat(writer.isOpen()).isTrue();
  }

  @Test
  void deletedSessionClosesItsSocketWith4003() throws Exception {
    Client client = Client.connect(gateway.port(), "?access_token=ann");
    String session = client.expect("welcome").path("session").asText();
    assertThat(call("DELETE", "/sessions/" + session, "eve", "").statusCode()).isEqualTo(404);
    assertThat(call("DELETE", "/sessions/" + session, "ann", "").statusCode()).isEqualTo(204);
    assertThat(client.closeCode()).isEqualTo(4003);
  }

  @Test
  void foreignOriginIsRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/ws"))
            .header("Origin", "https://evil.example")
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(403);
  }

  @Test
  void restCreatesADocumentAppendsAndReads() throws Exception {
    assertThat(call("GET", "/me", "ann", "").body()).contains("\"user\":\"ann\"");
    String create = "{'id':'d','name':'D','policy':'reject'}";
    HttpResponse<String> created = call("POST", "/documents", "ann", create);
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("traceparent")).isPresent();
    assertThat(call("POST", "/documents", "ann", create).statusCode()).isEqualTo(409);
    String append =
        "{'client_id':'c','operations':[{'client_seq':1,'data':{'a':1}},{'client_seq':2,'data':2}]}";
    assertThat(call("POST", "/documents/d/operations", "ann", append).body())
        .contains("\"seqs\":[1,2]");
    JsonNode page =
        MAPPER.readTree(call("GET", "/documents/d/operations?from_seq=2", "ann", "").body());
    assertThat(page.path("operations").size()).isEqualTo(1);
    assertThat(page.path("operations").get(0).path("data").asInt()).isEqualTo(2);
    assertThat(call("GET", "/documents/d", "ann", "").body()).contains("\"head\":2");
  }

  @Test
  void restErrorsHaveOneShape() throws Exception {
    assertError(call("GET", "/me", "bad", ""), 401, "UNAUTHENTICATED");
    assertError(call("GET", "/documents/none", "ann", ""), 404, "NOT_FOUND");
    assertError(call("POST", "/documents", "ann", "[1]"), 400, "INVALID_ARGUMENT");
    assertError(
        call("GET", "/documents/d/operations?limit=501", "ann", ""), 400, "INVALID_ARGUMENT");
    assertError(call("GET", "/nothing", "ann", ""), 404, "NOT_FOUND");
    assertError(call("PUT", "/documents", "ann", "{}"), 405, "METHOD_NOT_ALLOWED");
    String big = "{'x':'" + "x".repeat(1024 * 1024) + "'}";
    assertError(call("POST", "/documents", "ann", big), 413, "TOO_LARGE");
  }

  @Test
  void pagesAreServedWithoutAToken() throws Exception {
    URI root = URI.create("http://127.0.0.1:" + gateway.port() + "/");
    assertThat(
            http.send(HttpRequest.newBuilder(root).build(), HttpResponse.BodyHandlers.ofString())
                .body())
        .contains("/api/v1");
    URI page = root.resolve("/api.html");
    assertThat(
            http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                .body())
        .contains("openapi.json")
        .doesNotContain("src=");
  }

  private static void assertError(HttpResponse<String> response, int status, String code)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = MAPPER.readTree(response.body()).path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("message").asText()).isNotEmpty();
  }

  private HttpResponse<String> call(String method, String path, String token, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1" + path))
            .header("Authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private Client open(String token) throws InterruptedException {
    Client client = Client.connect(gateway.port(), "?access_token=" + token);
    client.expect("welcome");
    return client;
  }
}
