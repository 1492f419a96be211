package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.ListSessionsRequest;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.gateway.testing.TrimmedDocuments;
import io.aetherflow.gateway.testing.YjsSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the gateway closes /yjs sockets for what is no fault of their token. */
@Timeout(120)
final class YjsClosesTest {
  private static final int UPDATE_BYTES_MAX = 512 * 1024;

  @Test
  void anUpdateAboveTheLimitClosesWith4413AndOneBelowIsStored() throws Exception {
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS)) {
      YjsSocket within = YjsSocket.open(gateway.port(), "doc?token=ann");
      within.send(YjsSocket.update(UPDATE_BYTES_MAX - 100));
      within.sync();
      YjsSocket beyond = YjsSocket.open(gateway.port(), "doc?token=ann");
      beyond.send(YjsSocket.update(UPDATE_BYTES_MAX));
      assertThat(beyond.closeCode()).isEqualTo(4413);
      await().until(() -> cluster.head("doc") > 0);
      assertThat(cluster.head("doc")).isEqualTo(1);
      assertThat(within.isOpen()).isTrue();
    }
  }

  /** As to a question that was given up: a code of 44xx would end the provider for good. */
  @Test
  void anAnswerAboveTheLimitThatNobodyWaitsForClosesWith4503() throws Exception {
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS)) {
      YjsSocket socket = YjsSocket.open(gateway.port(), "doc?token=ann");
      socket.send(YjsSocket.answer(UPDATE_BYTES_MAX));
      assertThat(socket.closeCode()).isEqualTo(4503);
      assertThat(cluster.head("doc")).isZero();
    }
  }

  @Test
  void moreUpdatesThanMayWaitCloseWith4503() throws Exception {
    Limits fewInFlight = TestGateway.limits(1_000, 1_000, 1_000, 100, Duration.ofSeconds(20));
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", fewInFlight)) {
      YjsSocket socket = YjsSocket.open(gateway.port(), "doc?token=ann");
      socket.send(YjsSocket.update(fewInFlight.operationBytesInFlight()));
      assertThat(socket.closeCode()).isEqualTo(4503);
      assertThat(cluster.head("doc")).isZero();
    }
  }

  /** The protocol has no way to renew it. */
  @Test
  void anExpiredTokenClosesWith4401AfterItsGrace() throws Exception {
    Limits limits = TestGateway.limits(1_000, 1_000, 1_000, 100, Duration.ofSeconds(20));
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", limits)) {
      YjsSocket socket = YjsSocket.open(gateway.port(), "doc?token=ann/0");
      socket.sync();
      assertThat(socket.expectDenial()).contains("expired");
      assertThat(socket.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aSessionThatIsEndedClosesItsSocketWith4403() throws Exception {
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS)) {
      YjsSocket socket = YjsSocket.open(gateway.port(), "doc?token=ann");
      socket.sync();
      var sessions = SessionServiceGrpc.newBlockingStub(cluster.sessionService());
      Session session =
          sessions
              .listSessions(ListSessionsRequest.newBuilder().setUser("ann").build())
              .getSessions(0);
      sessions.deleteSession(DeleteSessionRequest.newBuilder().setId(session.getId()).build());
      assertThat(socket.closeCode()).isEqualTo(4403);
    }
  }

  @Test
  void aDocumentWhoseStateIsNoYjsUpdateClosesWith4410() throws Exception {
    try (RealStateSync cluster = new RealStateSync();
        GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS)) {
      new TrimmedDocuments(gateway.port(), "ann").create("doc", "{\"of\":\"another\"}", "1");
      YjsSocket socket = YjsSocket.open(gateway.port(), "doc?token=ann");
      socket.send(YjsSocket.ASK_FOR_ALL);
      assertThat(socket.closeCode()).isEqualTo(4410);
    }
  }
}
