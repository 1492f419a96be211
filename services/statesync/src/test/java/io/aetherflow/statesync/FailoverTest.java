package io.aetherflow.statesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.statesync.testing.Cluster;
import io.aetherflow.statesync.testing.DocumentClient;
import io.aetherflow.statesync.testing.Instance;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes, killed, paused and stopped while clients write. */
@Timeout(value = 150, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailoverTest {
  private static final String DOCUMENT = "board";
  private static final long WRITE_EVERY_MILLIS = 5;

  private interface Fault {
    void happen(Cluster cluster, Instance owner) throws InterruptedException;
  }

  /** Clients write all the while; returns the longest time one waited for an answer. */
  private static long millisWithout(Fault fault, String... names) throws Exception {
    try (Cluster cluster = new Cluster(names);
        DocumentClient alice = new DocumentClient(cluster, DOCUMENT, "alice");
        DocumentClient bob = new DocumentClient(cluster, DOCUMENT, "bob");
        DocumentClient reader = new DocumentClient(cluster, DOCUMENT, "reader")) {
      alice.write("warm-up");
      bob.write("warm-up");
      await().until(() -> alice.acked().size() == 1 && bob.acked().size() == 1);
      Thread faults =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  fault.happen(cluster, cluster.ownerOf(DOCUMENT));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      int written = 1;
      long enough = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
      while (faults.isAlive() || System.nanoTime() < enough) {
        alice.write("a" + written);
        bob.write("b" + written);
        written++;
        TimeUnit.MILLISECONDS.sleep(WRITE_EVERY_MILLIS);
      }
      int each = written;
      await()
          .atMost(Duration.ofSeconds(45))
          .untilAsserted(() -> {
            assertThat(alice.acked()).hasSize(each);
            assertThat(bob.acked()).hasSize(each);
            assertThat(reader.seen()).hasSize(2 * each);
            assertThat(alice.seen()).hasSize(2 * each);
            assertThat(bob.seen()).hasSize(2 * each);
          });
      assertThat(alice.faults()).isEmpty();
      assertThat(bob.faults()).isEmpty();
      assertThat(reader.faults()).isEmpty();
      assertThat(alice.seen()).isEqualTo(reader.seen());
      assertThat(bob.seen()).isEqualTo(reader.seen());
      assertExactlyOnce(reader.seen(), "alice", alice.acked());
      assertExactlyOnce(reader.seen(), "bob", bob.acked());
      return Math.max(alice.longestSilenceMillis(), bob.longestSilenceMillis());
    }
  }

  private static void assertExactlyOnce(List<Operation> log, String client, Map<Long, Long> acked) {
    Set<Long> clientSeqs = new HashSet<>();
    for (Operation operation : log) {
      if (operation.getClientId().equals(client)) {
        assertThat(clientSeqs.add(operation.getClientSeq())).as("stored once").isTrue();
        assertThat(acked).containsEntry(operation.getClientSeq(), operation.getSeq());
      }
    }
    assertThat(clientSeqs).hasSize(acked.size());
  }

  @Test
  void aKilledOwnerIsReplacedAndNothingAcknowledgedIsLost() throws Exception {
    long millis = millisWithout((cluster, owner) -> owner.kill(), "s-0", "s-1", "s-2");
    System.out.println("killed owner: longest wait " + millis + " ms");
    assertThat(millis).as("on a machine that does much else").isLessThan(10_000);
  }

  @Test
  void aDrainedOwnerHandsOver() throws Exception {
    long millis = millisWithout((cluster, owner) -> owner.terminate(), "s-0", "s-1");
    System.out.println("drained owner: longest wait " + millis + " ms");
    assertThat(millis).as("on a machine that does much else").isLessThan(5_000);
  }

  @Test
  void aPausedOwnerIsFencedWhenItWakes() throws Exception {
    long millis =
        millisWithout(
            (cluster, owner) -> {
              owner.pause();
              TimeUnit.SECONDS.sleep(5);
              owner.resume();
              TimeUnit.SECONDS.sleep(2);
            },
            "s-0",
            "s-1");
    System.out.println("paused owner: longest wait " + millis + " ms");
  }

  @Test
  void anInstanceThatJoinsTakesItsShare() throws Exception {
    long millis =
        millisWithout(
            (cluster, owner) -> {
              cluster.start("s-1");
              await().atMost(Duration.ofSeconds(60)).until(() -> cluster.settled("s-0", "s-1"));
            },
            "s-0");
    System.out.println("joined instance: longest wait " + millis + " ms");
  }

  @Test
  void etcdComesBackAndTheOwnersGoOn() throws Exception {
    long millis =
        millisWithout(
            (cluster, owner) -> {
              cluster.etcd().kill();
              TimeUnit.SECONDS.sleep(4);
              cluster.etcd().start();
            },
            "s-0",
            "s-1");
    System.out.println("etcd away for 4 s: longest wait " + millis + " ms");
  }
}
