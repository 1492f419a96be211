package io.aetherflow.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.session.v1.BatchTouchSessionsRequest;
import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.session.v1.SessionServiceGrpc.SessionServiceFutureStub;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Server;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a real etcd. */
@Timeout(180)
class ManySessionsTest {
  private static final int SESSIONS = SessionGrpc.SESSIONS_PER_USER_MAX;
  private static final int CREATED_AT_ONCE = 250;

  /** With it all sessions are more than the 4 MiB that gRPC takes unless told otherwise. */
  private static final String AGENT = "a".repeat(250);

  /** As many as one call takes. */
  private static final int TOUCHED_AT_ONCE = 1_000;

  /** Two of them are longer than a session lives without a heartbeat. */
  private static final Duration BETWEEN_HEARTBEATS = Duration.ofMinutes(20);

  /** Far below what it would take to look at all sessions with each change. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HandClock clock = new HandClock();
  private EtcdServer etcd;
  private AetherRuntime runtime;
  private SessionStore store;
  private final SessionEnds ends = new SessionEnds();
  private PrefixMirror mirror;
  private Server server;
  private SessionServiceFutureStub sessions;

  @BeforeEach
  void start() throws Exception {
    etcd = EtcdServer.running();
    runtime = TestRuntimes.start(etcd, "session-service", "s-0");
    store = new SessionStore(runtime.etcd().client());
    mirror = mirror(ends);
    ResumeTokens tokens = new ResumeTokens(new SecureRandom());
    server =
        runtime
            .transports()
            .server(0)
            .addService(new SessionGrpc(store, tokens, ends, clock))
            .build()
            .start();
    sessions =
        SessionServiceGrpc.newFutureStub(
            runtime
                .transports()
                .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.getPort())));
  }

  private PrefixMirror mirror(SessionEnds of) {
    return new PrefixMirror(
        runtime.etcd().client(),
        EtcdKeys.SESSIONS,
        runtime.scheduler(),
        new SecureRandom(),
        of::changed);
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
    mirror.close();
    runtime.close();
    etcd.close();
  }

  /** One lease each would be ten thousand renewals every few seconds, for etcd's leader alone. */
  @Test
  void tenThousandLiveByHeartbeatsOfTheirGatewayWithoutALeaseEach() throws Exception {
    List<String> ids = create();
    await().atMost(PATIENCE).until(() -> ends.sessions() == SESSIONS);
    assertThatThrownBy(() -> sessions.createSession(creation("ann")).get())
        .as("one more of the same user")
        .hasMessageContaining("RESOURCE_EXHAUSTED");
    sessions.createSession(creation("bob")).get();
    SessionEnds ofAnotherPod = new SessionEnds();
    try (PrefixMirror late = mirror(ofAnotherPod)) {
      await().atMost(PATIENCE).until(() -> ofAnotherPod.sessions() == SESSIONS + 1);
    }
    for (int i = 0; i < 2; i++) {
      clock.advance(BETWEEN_HEARTBEATS);
      assertThat(touch(ids)).isEmpty();
    }
    assertThat(new Sweeper(store, clock).sweep()).as("nobody touched bob's").isEqualTo(1);
    assertThat(leases()).hasSize(SESSIONS).containsOnly(0L);
    clock.advance(BETWEEN_HEARTBEATS.multipliedBy(2));
    assertThat(touch(ids)).as("without heartbeats they end").hasSize(SESSIONS);
  }

  private List<String> create() throws Exception {
    List<String> ids = new ArrayList<>();
    while (ids.size() < SESSIONS) {
      List<ListenableFuture<CreateSessionResponse>> some = new ArrayList<>();
      for (int i = 0; i < CREATED_AT_ONCE; i++) {
        some.add(sessions.createSession(creation("ann")));
      }
      for (ListenableFuture<CreateSessionResponse> each : some) {
        ids.add(each.get().getSession().getId());
      }
    }
    return ids;
  }

  private static CreateSessionRequest creation(String user) {
    return CreateSessionRequest.newBuilder()
        .setUser(user)
        .setGateway("gateway-1")
        .putLabels("agent", AGENT)
        .build();
  }

  /** Which of them are no more. */
  private List<String> touch(List<String> ids) throws Exception {
    List<String> missing = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += TOUCHED_AT_ONCE) {
      BatchTouchSessionsRequest some =
          BatchTouchSessionsRequest.newBuilder()
              .setGateway("gateway-1")
              .addAllIds(ids.subList(from, from + TOUCHED_AT_ONCE))
              .build();
      missing.addAll(sessions.batchTouchSessions(some).get().getMissingList());
    }
    return missing;
  }

  /** Of every key of a session. */
  private List<Long> leases() {
    GetOption keys = GetOption.builder().isPrefix(true).withKeysOnly(true).build();
    return runtime
        .etcd()
        .client()
        .getKVClient()
        .get(Bytes.of(EtcdKeys.SESSIONS), keys)
        .join()
        .getKvs()
        .stream()
        .map(each -> each.getLease())
        .toList();
  }
}
