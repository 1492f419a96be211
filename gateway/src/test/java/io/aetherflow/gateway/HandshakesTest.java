package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.RawSocket;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What handshakes are answered. */
@Timeout(60)
final class HandshakesTest {
  private static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  private final List<RawSocket> open = new ArrayList<>();
  private FakeCluster cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    gateway =
        TestGateway.start(
            cluster, "gateway", TestGateway.limits(1000, 1000, 1000, 2, Duration.ofSeconds(20)));
  }

  @AfterEach
  void stop() throws IOException {
    for (RawSocket each : open) {
      each.close();
    }
    gateway.close();
    cluster.close();
  }

  @Test
  void aBadTokenAForeignOriginAndNoUpgradeAreRefused() throws Exception {
    assertThat(answer("/ws?access_token=bad", UPGRADE)).startsWith("HTTP/1.1 401");
    assertThat(answer("/ws?access_token=ann", UPGRADE + "Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 403");
    assertThat(answer("/yjs/doc?token=ann", UPGRADE + "Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 403");
    assertThat(answer("/ws?access_token=ann", "")).startsWith("HTTP/1.1 426");
    assertThat(answer("/ws?access_token=ann", UPGRADE)).startsWith("HTTP/1.1 101");
  }

  @Test
  void aFullGatewayTakesNoMoreUntilOneLeaves() throws Exception {
    for (int i = 0; i < TestGateway.SOCKETS; i++) {
      assertThat(answer("/ws?access_token=user" + i, UPGRADE)).startsWith("HTTP/1.1 101");
    }
    assertThat(answer("/ws?access_token=late", UPGRADE)).startsWith("HTTP/1.1 503");
    open.getFirst().close();
    await().until(() -> answer("/ws?access_token=late", UPGRADE).startsWith("HTTP/1.1 101"));
  }

  @Test
  void aGatewayThatStopsTakesNoMore() throws Exception {
    gateway.drain();
    assertThat(answer("/ws?access_token=ann", UPGRADE)).startsWith("HTTP/1.1 503");
    assertThat(answer("/yjs/doc?token=ann", UPGRADE)).startsWith("HTTP/1.1 503");
  }

  /** The first line of it; the socket stays open. */
  private String answer(String path, String headers) throws IOException {
    RawSocket socket = RawSocket.to(gateway.port());
    open.add(socket);
    socket.write("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return socket.readLine();
  }
}
