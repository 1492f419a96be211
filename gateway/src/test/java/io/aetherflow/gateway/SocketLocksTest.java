package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.ListLocksRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockServiceGrpc;
import io.aetherflow.gateway.auth.HmacTokenVerifier;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.HeldGrants;
import io.aetherflow.gateway.testing.Jwts;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Locks whose grant is late, with a real statesync and a real etcd. */
@Timeout(60)
final class SocketLocksTest {
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes();

  private static RealStateSync cluster;
  private static HeldGrants held;
  private static GatewayServer gateway;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    cluster = new RealStateSync();
    held = new HeldGrants(cluster);
    Path secret = Files.write(directory.resolve("secret"), SECRET);
    var tokens =
        new HmacTokenVerifier(secret, "aetherflow", "", Clock.systemUTC(), System::nanoTime);
    gateway = TestGateway.start(held, "gateway", Limits.DEFAULTS, tokens);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    cluster.close();
  }

  private static String token(String... rights) {
    return Jwts.sign(
        SECRET,
        null,
        Jwts.claims("ann", Instant.now().plusSeconds(600))
            .claim("docs", List.of(Jwts.grant("*", rights))));
  }

  @Test
  void aLockGrantedAfterItsDocumentWasLeftIsGivenUp() throws Exception {
    Client ann = attached("left");
    askForLock(ann, "left", 1);
    ann.send("{'t':'detach','doc':'left'}");
    ann.expect("detached");
    assertThat(locks("left")).hasSize(1);
    held.release();
    assertThat(ann.expect("error").path("code").asText()).isEqualTo("LOCK_LOST");
    awaitNoLocks("left");
  }

  @Test
  void aLockGrantedAfterTheRightToWriteEndedIsGivenUp() throws Exception {
    Client ann = attached("denied");
    askForLock(ann, "denied", 1);
    ann.send("{'t':'auth','token':'" + token("read") + "'}");
    ann.expect("welcome");
    held.release();
    assertThat(ann.expect("error").path("code").asText()).isEqualTo("LOCK_LOST");
    awaitNoLocks("denied");
  }

  @Test
  void aLockGrantedAfterItsSessionEndedIsGivenUp() throws Exception {
    Client ann = attached("ended");
    askForLock(ann, "ended", 1);
    ann.close();
    assertThat(ann.closeCode()).isEqualTo(1000);
    held.release();
    awaitNoLocks("ended");
  }

  @Test
  void aLockAskedForAgainAfterItsDocumentWasLeftIsKept() throws Exception {
    Client ann = attached("again");
    askForLock(ann, "again", 1);
    ann.send("{'t':'detach','doc':'again'}");
    ann.expect("detached");
    ann.send("{'t':'attach','doc':'again'}");
    ann.expect("attached");
    ann.send("{'t':'lock','id':2,'doc':'again','lock':'title','ttl_ms':300000}");
    held.await(2);
    held.release();
    long token = ann.expect("locked").path("token").asLong();
    assertThat(ann.expect("locked").path("token").asLong()).isEqualTo(token);
    ann.send("{'t':'renew','doc':'again','lock':'title','token':" + token + "}");
    assertThat(ann.expect("locked").path("token").asLong()).isEqualTo(token);
    ann.send("{'t':'detach','doc':'again'}");
    ann.expect("detached");
    awaitNoLocks("again");
  }

  private static Client attached(String document) throws InterruptedException {
    DocumentServiceGrpc.newBlockingStub(cluster.stateSync())
        .createDocument(CreateDocumentRequest.newBuilder().setId(document).build());
    Client client = Client.connect(gateway.port(), "?access_token=" + token("read", "write"));
    client.expect("welcome");
    client.send("{'t':'attach','doc':'" + document + "'}");
    client.expect("attached");
    return client;
  }

  /** Returns when the lock is granted and its asker does not know. */
  private static void askForLock(Client client, String document, int id)
      throws InterruptedException {
    held.hold();
    client.send(
        "{'t':'lock','id':" + id + ",'doc':'" + document + "','lock':'title','ttl_ms':300000}");
    held.await(1);
  }

  private static void awaitNoLocks(String document) {
    await().atMost(Duration.ofSeconds(10)).until(() -> locks(document).isEmpty());
  }

  private static List<Lock> locks(String document) {
    return LockServiceGrpc.newBlockingStub(cluster.stateSync())
        .listLocks(ListLocksRequest.newBuilder().setDocument(document).build())
        .getLocksList();
  }
}
