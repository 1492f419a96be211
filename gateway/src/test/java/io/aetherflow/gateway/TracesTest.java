package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.gateway.auth.Grants;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.cluster.Pods;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeSessions;
import io.aetherflow.gateway.ws.Origins;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.OtlpReceiver;
import io.aetherflow.runtime.testing.OtlpReceiver.Told;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.aetherflow.runtime.trace.TraceParent;
import io.aetherflow.statesync.StateSyncServer;
import io.grpc.Server;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What a collector is told of requests that cross a gateway, the session service (a fake behind a
 * real transport) and a real statesync over a real etcd, each with a runtime of its own.
 */
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TracesTest {
  private static final String GATEWAY = "api-gateway";
  private static final String SESSION = "session-service";
  private static final String STATESYNC = "statesync-service";
  private static final String SYNC = "aetherflow.statesync.v1.SyncService/";
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(15);

  private final OtlpReceiver collector = new OtlpReceiver();
  private final HttpClient http = HttpClient.newHttpClient();
  private EtcdServer etcd;
  private AetherRuntime gatewayPod;
  private AetherRuntime sessionPod;
  private AetherRuntime statesyncPod;
  private Server sessions;
  private StateSyncServer statesync;
  private GatewayServer gateway;

  @BeforeAll
  void start() throws IOException {
    etcd = EtcdServer.running();
    gatewayPod = TestRuntimes.start(etcd, GATEWAY, "g-0", collector.options());
    sessionPod = TestRuntimes.start(etcd, SESSION, "e-0", collector.options());
    statesyncPod = TestRuntimes.start(etcd, STATESYNC, "s-0", collector.options());
    sessions = sessionPod.transports().server(0).addService(new FakeSessions()).build().start();
    sessionPod.register(SESSION, sessions.getPort());
    int port = freePort();
    statesync = new StateSyncServer(statesyncPod, port);
    statesyncPod.register(STATESYNC, port);
    gateway =
        new GatewayServer(
            new GatewayServer.Options("g-0", "127.0.0.1", 0, Limits.DEFAULTS, Origins.parse("")),
            new RuntimeBackends(gatewayPod.transports()),
            Pods.NONE,
            token -> new Principal(token, Instant.now().plusSeconds(600), Grants.ALL, false),
            gatewayPod.meters(),
            gatewayPod.tracing(),
            Clock.systemUTC());
    gateway.start();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> rest("POST", "/api/v1/documents", "{\"id\":\"ready\"}").statusCode() == 201);
  }

  @AfterAll
  void stop() {
    gateway.close();
    statesync.stop();
    sessions.shutdownNow();
    gatewayPod.close();
    sessionPod.close();
    statesyncPod.close();
    etcd.close();
    collector.close();
  }

  @Test
  void restOperationIsOneTraceDownToTheTransaction() throws Exception {
    HttpResponse<String> response =
        rest(
            "POST",
            "/api/v1/documents/rest/operations",
            "{\"client_id\":\"c\",\"operations\":[{\"client_seq\":1,\"data\":{\"n\":1}}]}");
    assertThat(response.statusCode()).isEqualTo(200);
    String guuid = guuid(response);
    Told transaction = told(guuid, STATESYNC, "etcd txn");
    Told served = told(guuid, STATESYNC, SYNC + "ApplyOperations");
    Told called = told(guuid, GATEWAY, SYNC + "ApplyOperations");
    Told request = told(guuid, GATEWAY, "POST /api/v1/documents/:id/operations");
    assertThat(request.parent()).isEmpty();
    assertThat(called.parent()).isEqualTo(request.id());
    assertThat(served.parent()).isEqualTo(called.id());
    assertThat(transaction.parent()).isEqualTo(served.id());
    assertThat(List.of(request.kind(), called.kind(), served.kind(), transaction.kind()))
        .containsExactly(
            SpanKind.SPAN_KIND_SERVER,
            SpanKind.SPAN_KIND_CLIENT,
            SpanKind.SPAN_KIND_SERVER,
            SpanKind.SPAN_KIND_CLIENT);
    assertThat(request.tags()).containsEntry("http.response.status_code", "200");
    assertThat(transaction.tags()).containsEntry("aetherflow.seq", "1");
    assertThat(response.headers().firstValue("traceparent").flatMap(TraceParent::parse))
        .contains(new TraceParent(guuid, Long.parseUnsignedLong(request.id(), 16), true));
  }

  @Test
  void restSessionIsOneTraceToTheSessionService() throws Exception {
    HttpResponse<String> response = rest("POST", "/api/v1/sessions", "{}");
    assertThat(response.statusCode()).isEqualTo(201);
    String guuid = guuid(response);
    String call = "aetherflow.session.v1.SessionService/CreateSession";
    Told served = told(guuid, SESSION, call);
    Told called = told(guuid, GATEWAY, call);
    assertThat(served.parent()).isEqualTo(called.id());
    assertThat(called.parent()).isEqualTo(told(guuid, GATEWAY, "POST /api/v1/sessions").id());
  }

  @Test
  void socketOperationsAreATraceEachUnderTheGuuidOfTheirAck() throws Exception {
    Client ann = Client.connect(gateway.port(), "?access_token=ann");
    ann.expect("welcome");
    ann.send("{'t':'attach','doc':'ws'}");
    ann.expect("attached");
    for (int i = 1; i <= 3; i++) {
      ann.send("{'t':'op','doc':'ws','client_seq':" + i + ",'data':" + i + "}");
    }
    for (int i = 1; i <= 3; i++) {
      JsonNode ack = ann.expect("ack");
      String guuid = ack.path("guuid").asText();
      Told transaction = told(guuid, STATESYNC, "etcd txn");
      Told applied = told(guuid, STATESYNC, SYNC + "Sync apply");
      Told operation = told(guuid, GATEWAY, "operation");
      assertThat(operation.parent()).isEmpty();
      assertThat(applied.parent()).isEqualTo(operation.id());
      assertThat(transaction.parent()).isEqualTo(applied.id());
      assertThat(operation.tags())
          .containsEntry("aetherflow.document", "ws")
          .containsEntry("aetherflow.seq", ack.path("seq").asText());
      assertThat(transaction.tags()).containsEntry("aetherflow.seq", ack.path("seq").asText());
    }
    ann.close();
  }

  @Test
  void refusedRequestEndsItsSpansAsFailed() throws Exception {
    HttpResponse<String> response = rest("GET", "/api/v1/documents/nowhere", "");
    assertThat(response.statusCode()).isEqualTo(404);
    String guuid = guuid(response);
    String call = "aetherflow.statesync.v1.DocumentService/GetDocument";
    assertThat(told(guuid, STATESYNC, call).failed()).isTrue();
    assertThat(told(guuid, GATEWAY, call).tags()).containsEntry("rpc.grpc.status_code", "5");
    Told request = told(guuid, GATEWAY, "GET /api/v1/documents/:id");
    assertThat(request.failed()).isFalse();
    assertThat(request.tags()).containsEntry("http.response.status_code", "404");
  }

  /** The one span of this name that a service told of a request. */
  private Told told(String guuid, String service, String name) {
    await().atMost(TOLD_WITHIN).until(() -> find(guuid, service, name).isPresent());
    return find(guuid, service, name).orElseThrow();
  }

  private Optional<Told> find(String guuid, String service, String name) {
    List<Told> found =
        collector.trace(guuid).stream()
            .filter(each -> each.service().equals(service) && each.name().equals(name))
            .toList();
    assertThat(found).hasSizeLessThan(2);
    return found.stream().findFirst();
  }

  private static String guuid(HttpResponse<?> response) {
    return response.headers().firstValue("X-Request-Id").orElseThrow();
  }

  private HttpResponse<String> rest(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .header("Authorization", "Bearer ann")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
