package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static io.aetherflow.statesync.testing.Server.info;
import static io.aetherflow.statesync.testing.Server.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.ListLocksRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.LockEvent.Kind;
import io.aetherflow.api.statesync.v1.LockToken;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.statesync.testing.Server;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks with fencing tokens over a real etcd. */
@Timeout(60)
class LockTest {
  private static final String DOCUMENT = "doc";

  private Server server;

  @BeforeEach
  void start() {
    server = new Server();
    server.create(DOCUMENT, ConflictPolicy.CONFLICT_POLICY_UNSPECIFIED);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aLockHasOneHolderAndLaterHoldersHaveHigherTokens() {
    Lock alices = acquire("title", "alice", 0);
    assertThat(alices.getTtlMillis()).isEqualTo(30_000);
    assertThat(alices.getRemainingMillis()).isBetween(1L, 30_000L);
    assertThatThrownBy(() -> acquire("title", "bob", 0))
        .satisfies(reason("LOCK_HELD"))
        .satisfies(failure ->
            assertThat(info(failure).getMetadataOrThrow("client_id")).isEqualTo("alice"));
    assertThat(acquire("title", "alice", 0).getToken()).isEqualTo(alices.getToken());
    acquire("body", "bob", 0);
    release("title", alices.getToken() + 7);
    assertThat(held()).containsExactly("body", "title");
    release("title", alices.getToken());
    release("title", alices.getToken());
    assertThat(held()).containsExactly("body");
    assertThat(acquire("title", "bob", 0).getToken()).isGreaterThan(alices.getToken());
    assertThatThrownBy(() -> renew("title", alices.getToken())).satisfies(reason("LOCK_LOST"));
    assertThat(events())
        .extracting(LockEvent::getKind)
        .containsExactly(Kind.TAKEN, Kind.TAKEN, Kind.RELEASED, Kind.TAKEN);
  }

  @Test
  void anOperationUnderALostTokenIsNotStored() {
    Lock first = acquire("title", "alice", 0);
    server.apply(DOCUMENT, "alice", draft(1, "held").addLocks(token(first)).build());
    release("title", first.getToken());
    OperationDraft stale = draft(2, "stale").addLocks(token(first)).build();
    assertThatThrownBy(() -> server.apply(DOCUMENT, "alice", stale)).satisfies(reason("LOCK_LOST"));
    acquire("title", "bob", 0);
    assertThatThrownBy(() -> server.apply(DOCUMENT, "alice", stale)).satisfies(reason("LOCK_LOST"));
    server.apply(DOCUMENT, "alice", draft(3, "names no lock").build());
  }

  @Test
  void aTokenServesNobodyButItsHoldersUser() {
    Lock bobs = acquire("*", "bob", 0);
    OperationDraft stolen = draft(1, "x").addLocks(token(bobs)).build();
    assertThatThrownBy(() -> server.apply(DOCUMENT, "alice", stolen))
        .satisfies(reason("LOCK_LOST"));
    assertThatThrownBy(() -> renew("*", bobs.getToken(), "alice")).satisfies(reason("LOCK_LOST"));
    release("*", bobs.getToken(), "alice");
    assertThat(held()).containsExactly("*");
    renew("*", bobs.getToken(), "bob");
    server
        .sync()
        .applyOperations(
            ApplyOperationsRequest.newBuilder()
                .setDocument(DOCUMENT)
                .setClientId("another of bob's")
                .setUser("bob")
                .addOperations(stolen)
                .build());
    release("*", bobs.getToken(), "bob");
    assertThat(held()).isEmpty();
  }

  @Test
  void theLockOfTheWholeDocumentKeepsOthersOut() {
    Lock whole = acquire("*", "alice", 0);
    assertThatThrownBy(() -> server.apply(DOCUMENT, "bob", draft(1, "x").build()))
        .satisfies(reason("LOCK_HELD"));
    server.apply(DOCUMENT, "alice", draft(1, "y").addLocks(token(whole)).build());
    release("*", whole.getToken());
    server.apply(DOCUMENT, "bob", draft(1, "x").build());
  }

  @Test
  void theLockOfAPropertyKeepsOthersFromIt() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    Lock title = acquire("props", "title", "alice", 0);
    String edit = "{\"set\": {\"title\": 1, \"body\": 2}}";
    assertThatThrownBy(() -> server.apply("props", "bob", draft(1, edit).build()))
        .satisfies(reason("LOCK_HELD"));
    server.apply("props", "bob", draft(1, "{\"set\": {\"body\": 3}}").build());
    server.apply("props", "alice", draft(1, edit).addLocks(token(title)).build());
    assertThat(server.state("props").getData().toStringUtf8())
        .contains("\"body\":{\"value\":2,\"seq\":3}", "\"title\":{\"value\":1,\"seq\":3}");
  }

  @Test
  void aLockThatIsNotRenewedExpiresAndAllAreTold() {
    Lock lock = acquire("title", "alice", 1_000);
    renew("title", lock.getToken());
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() ->
            assertThat(events())
                .extracting(LockEvent::getKind)
                .containsExactly(Kind.TAKEN, Kind.EXPIRED));
    assertThat(held()).isEmpty();
    assertThatThrownBy(() -> renew("title", lock.getToken())).satisfies(reason("LOCK_LOST"));
  }

  @Test
  void locksOutliveTheirOwnerAndThenEnd() {
    Lock kept = acquire("kept", "alice", 60_000);
    acquire("short", "alice", 1_500);
    server = server.successor("s-1");
    assertThatThrownBy(() -> acquire("kept", "bob", 0)).satisfies(reason("LOCK_HELD"));
    server.apply(DOCUMENT, "alice", draft(1, "x").addLocks(token(kept)).build());
    await().atMost(Duration.ofSeconds(5)).until(() -> held().equals(List.of("kept")));
    assertThat(renew("kept", kept.getToken()).getRemainingMillis()).isGreaterThan(50_000);
  }

  @Test
  void whatCannotBeALockIsRefused() {
    assertThatThrownBy(() -> acquire("", "alice", 0)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> acquire("x", "", 0)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> acquire("x", "alice", 999)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> acquire("x", "alice", 300_001)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> acquire("nowhere", "x", "alice", 0)).satisfies(reason("NOT_FOUND"));
  }

  private Lock acquire(String lock, String client, long ttlMillis) {
    return acquire(DOCUMENT, lock, client, ttlMillis);
  }

  private Lock acquire(String document, String lock, String client, long ttlMillis) {
    return server
        .locks()
        .acquireLock(
            AcquireLockRequest.newBuilder()
                .setDocument(document)
                .setLock(lock)
                .setClientId(client)
                .setUser(client)
                .setTtlMillis(ttlMillis)
                .build());
  }

  private Lock renew(String lock, long token) {
    return renew(lock, token, "alice");
  }

  private Lock renew(String lock, long token, String user) {
    return server
        .locks()
        .renewLock(
            RenewLockRequest.newBuilder()
                .setDocument(DOCUMENT)
                .setLock(lock)
                .setToken(token)
                .setUser(user)
                .build());
  }

  private void release(String lock, long token) {
    release(lock, token, "alice");
  }

  private void release(String lock, long token, String user) {
    server
        .locks()
        .releaseLock(
            ReleaseLockRequest.newBuilder()
                .setDocument(DOCUMENT)
                .setLock(lock)
                .setToken(token)
                .setUser(user)
                .build());
  }

  private List<String> held() {
    return server
        .locks()
        .listLocks(ListLocksRequest.newBuilder().setDocument(DOCUMENT).build())
        .getLocksList()
        .stream()
        .map(Lock::getLock)
        .toList();
  }

  private List<LockEvent> events() {
    return server.list(DOCUMENT, 1).getOperationsList().stream()
        .filter(Operation::hasLock)
        .map(Operation::getLock)
        .toList();
  }

  private static LockToken token(Lock lock) {
    return LockToken.newBuilder().setLock(lock.getLock()).setToken(lock.getToken()).build();
  }
}
