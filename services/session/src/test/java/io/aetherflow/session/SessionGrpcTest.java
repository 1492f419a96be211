package io.aetherflow.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.session.v1.BatchTouchSessionsRequest;
import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.ListSessionsRequest;
import io.aetherflow.api.session.v1.ListSessionsResponse;
import io.aetherflow.api.session.v1.ResumeSessionRequest;
import io.aetherflow.api.session.v1.RevokeUserSessionsRequest;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.session.v1.SessionServiceGrpc.SessionServiceBlockingStub;
import io.aetherflow.api.session.v1.UpdateSessionRequest;
import io.aetherflow.api.session.v1.WatchSessionsRequest;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionGrpcTest {
  private static final HandClock CLOCK = new HandClock();
  private static EtcdServer etcd;
  private static AetherRuntime runtime;
  private static SessionStore store;
  private static PrefixMirror mirror;
  private static Server server;
  private static SessionServiceBlockingStub sessions;

  @BeforeAll
  static void start() throws Exception {
    etcd = EtcdServer.running();
    runtime = TestRuntimes.start(etcd, "session-service", "s-0");
    store = new SessionStore(runtime.etcd().client());
    SessionEnds ends = new SessionEnds();
    mirror =
        new PrefixMirror(
            runtime.etcd().client(),
            EtcdKeys.SESSIONS,
            runtime.scheduler(),
            new SecureRandom(),
            ends::changed);
    server =
        runtime
            .transports()
            .server(0)
            .addService(new SessionGrpc(store, new ResumeTokens(new SecureRandom()), ends, CLOCK))
            .build()
            .start();
    sessions =
        SessionServiceGrpc.newBlockingStub(
            runtime
                .transports()
                .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.getPort())));
  }

  @AfterAll
  static void stop() {
    server.shutdownNow();
    mirror.close();
    runtime.close();
    etcd.close();
  }

  @Test
  void aSessionLivesUntilItIsDeletedOrExpires() {
    Session kept = create("alice", "").getSession();
    assertThat(get(kept.getId()).getUser()).isEqualTo("alice");
    sessions.deleteSession(DeleteSessionRequest.newBuilder().setId(kept.getId()).build());
    assertRefused(Status.Code.NOT_FOUND, () -> get(kept.getId()));
    sessions.deleteSession(DeleteSessionRequest.newBuilder().setId(kept.getId()).build());

    Session brief =
        sessions
            .createSession(
                CreateSessionRequest.newBuilder()
                    .setUser("alice")
                    .setTtl(Duration.newBuilder().setSeconds(5))
                    .build())
            .getSession();
    CLOCK.advance(java.time.Duration.ofSeconds(4));
    assertThat(touch(brief.getId())).isEmpty();
    CLOCK.advance(java.time.Duration.ofMinutes(29));
    assertThat(get(brief.getId()).getId()).isEqualTo(brief.getId());
    CLOCK.advance(java.time.Duration.ofMinutes(2));
    assertRefused(Status.Code.NOT_FOUND, () -> get(brief.getId()));
    assertThat(touch(brief.getId())).containsExactly(brief.getId());
  }

  @Test
  void aRetriedCreationIsTheSameSession() {
    CreateSessionResponse first = create("bob", "request-1");
    CreateSessionResponse second = create("bob", "request-1");
    assertThat(second.getSession().getId()).isEqualTo(first.getSession().getId());
    assertThat(create("eve", "request-1").getSession().getId())
        .as("another user's request of the same name")
        .isNotEqualTo(first.getSession().getId());
  }

  @Test
  void resumingRotatesTheToken() {
    CreateSessionResponse created = create("carol", "");
    String id = created.getSession().getId();
    CreateSessionResponse resumed = resume(id, created.getResumeToken());
    assertThat(resumed.getSession().getGateway()).isEqualTo("gateway-2");
    assertThat(resume(id, resumed.getResumeToken()).getSession().getId()).isEqualTo(id);
    assertRefused(Status.Code.PERMISSION_DENIED, () -> resume(id, created.getResumeToken()));
  }

  /** Else a client whose gateway dies in the answer would come back as another one. */
  @Test
  void aTokenHoldsUntilTheOneItBroughtIsUsed() {
    CreateSessionResponse created = create("carla", "");
    String id = created.getSession().getId();
    CreateSessionResponse lost = resume(id, created.getResumeToken());
    CreateSessionResponse again = resume(id, created.getResumeToken());
    assertThat(again.getSession().getId()).isEqualTo(id);
    resume(id, again.getResumeToken());
    assertRefused(Status.Code.PERMISSION_DENIED, () -> resume(id, created.getResumeToken()));
    assertRefused(Status.Code.PERMISSION_DENIED, () -> resume(id, lost.getResumeToken()));
  }

  /** So a copy that a thief used shows when the client, or the thief, comes again. */
  @Test
  void ofTwoTokensOfOneOriginTheSecondUsedIsRefused() {
    CreateSessionResponse created = create("carl", "");
    String id = created.getSession().getId();
    CreateSessionResponse one = resume(id, created.getResumeToken());
    CreateSessionResponse other = resume(id, created.getResumeToken());
    assertThat(resume(id, one.getResumeToken()).getSession().getId()).isEqualTo(id);
    assertRefused(Status.Code.PERMISSION_DENIED, () -> resume(id, other.getResumeToken()));
  }

  @Test
  void howeverManyAnswersAreLostTheTokenThatIsUsedHolds() {
    CreateSessionResponse created = create("carol2", "");
    String id = created.getSession().getId();
    CreateSessionResponse lost = resume(id, created.getResumeToken());
    for (int i = 0; i < 3 * StoredSession.TOKENS_MAX; i++) {
      resume(id, created.getResumeToken());
    }
    assertRefused(Status.Code.PERMISSION_DENIED, () -> resume(id, lost.getResumeToken()));
    assertThat(resume(id, created.getResumeToken()).getSession().getId()).isEqualTo(id);
  }

  @Test
  void listsPageByPageAndRevokesAllOfAUser() {
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      made.add(create("dave", "").getSession().getId());
    }
    Set<String> listed = new HashSet<>();
    String token = "";
    do {
      ListSessionsResponse page =
          sessions.listSessions(
              ListSessionsRequest.newBuilder()
                  .setUser("dave")
                  .setPageSize(3)
                  .setPageToken(token)
                  .build());
      page.getSessionsList().forEach(session -> assertThat(listed.add(session.getId())).isTrue());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).isEqualTo(made);
    assertThat(
            sessions
                .revokeUserSessions(RevokeUserSessionsRequest.newBuilder().setUser("dave").build())
                .getEnded())
        .isEqualTo(7);
    made.forEach(id -> assertRefused(Status.Code.NOT_FOUND, () -> get(id)));
  }

  @Test
  void aGatewayLearnsWhichOfItsSessionsEnded() {
    CreateSessionResponse moved = create("frank", "");
    CreateSessionResponse revoked = create("grace", "");
    Queue<String> told = new ConcurrentLinkedQueue<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                sessions
                    .watchSessions(
                        WatchSessionsRequest.newBuilder().setGateway("gateway-1").build())
                    .forEachRemaining(end -> told.add(end.getUser() + " " + end.getReason()));
              } catch (StatusRuntimeException serverStopped) {
                // The stream ends with the server.
              }
            });
    await()
        .atMost(java.time.Duration.ofSeconds(20))
        .until(() -> {
          Session probe = create("probe", "").getSession();
          sessions.deleteSession(DeleteSessionRequest.newBuilder().setId(probe.getId()).build());
          return told.contains("probe ended");
        });
    resume(moved.getSession().getId(), moved.getResumeToken());
    sessions.revokeUserSessions(RevokeUserSessionsRequest.newBuilder().setUser("grace").build());
    await()
        .atMost(java.time.Duration.ofSeconds(20))
        .until(() -> told.contains("frank moved") && told.contains("grace ended"));
    assertThat(revoked.getSession().getUser()).isEqualTo("grace");
    assertThat(reader.isAlive()).isTrue();
  }

  @Test
  void theSweeperDeletesWhatExpiredAndNothingElse() {
    String id = create("heidi", "").getSession().getId();
    new Sweeper(store, CLOCK).sweep();
    assertThat(store.find(id)).isPresent();
    CLOCK.advance(java.time.Duration.ofMinutes(31));
    assertThat(new Sweeper(store, CLOCK).sweep()).isPositive();
    assertThat(store.find(id)).isEmpty();
  }

  @Test
  void badInputGetsOneSentence() {
    assertRefused(Status.Code.INVALID_ARGUMENT, () -> create("", ""));
    CreateSessionRequest.Builder creation = CreateSessionRequest.newBuilder().setUser("x");
    sessions.createSession(creation.setGateway("g".repeat(256)).build());
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () -> sessions.createSession(creation.setGateway("g".repeat(257)).build()));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () -> sessions.listSessions(ListSessionsRequest.newBuilder().setPageToken("%%%").build()));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            sessions.createSession(
                CreateSessionRequest.newBuilder()
                    .setUser("x")
                    .setTtl(Duration.newBuilder().setSeconds(-1))
                    .build()));
  }

  /** In UTF-8 an umlaut has two bytes, and names count as values do. */
  @Test
  void theLabelsOfASessionAreBoundedInAll() {
    String fits = "ä".repeat((SessionGrpc.LABEL_BYTES_MAX - 2) / 2);
    Session session = create(Map.of("k", fits + "v")).getSession();
    assertThat(session.getLabelsMap()).containsEntry("k", fits + "v");
    Map<String, String> tooMany = Map.of("k", fits, "l", "v");
    assertRefused(Status.Code.INVALID_ARGUMENT, () -> create(tooMany));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            sessions.updateSession(
                UpdateSessionRequest.newBuilder()
                    .setSession(session.toBuilder().putAllLabels(tooMany))
                    .build()));
    assertThat(get(session.getId()).getLabelsMap()).containsOnlyKeys("k");
  }

  private static CreateSessionResponse create(Map<String, String> labels) {
    return sessions.createSession(
        CreateSessionRequest.newBuilder().setUser("ivan").putAllLabels(labels).build());
  }

  private static CreateSessionResponse create(String user, String requestId) {
    return sessions.createSession(
        CreateSessionRequest.newBuilder()
            .setUser(user)
            .setGateway("gateway-1")
            .setRequestId(requestId)
            .build());
  }

  private static CreateSessionResponse resume(String id, String token) {
    return sessions.resumeSession(
        ResumeSessionRequest.newBuilder()
            .setId(id)
            .setResumeToken(token)
            .setGateway("gateway-2")
            .build());
  }

  private static Session get(String id) {
    return sessions.getSession(GetSessionRequest.newBuilder().setId(id).build());
  }

  private static java.util.List<String> touch(String id) {
    return sessions
        .batchTouchSessions(BatchTouchSessionsRequest.newBuilder().addIds(id).build())
        .getMissingList();
  }

  private static void assertRefused(Status.Code code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
