package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.statesync.loop.Loop;
import io.etcd.jetcd.Client;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real etcd. */
@Timeout(60)
class MembershipTest {
  private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor();
  private final Loop loop = new Loop("members");
  private EtcdServer etcd;
  private Client client;
  private Membership membership;

  @BeforeEach
  void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    membership =
        new Membership(
            client, "s-0", "a:1", renewals, loop, System::nanoTime, new Random(1), view -> {});
    membership.join();
  }

  @AfterEach
  void stop() {
    membership.close();
    renewals.shutdownNow();
    loop.shutdownNow();
    client.close();
    etcd.close();
  }

  /** In between, others may have claimed its shards, and it would not know. */
  @Test
  void whoGotANewLeaseProvesNothingBeforeItHasReadTheOwnersAgain() throws Exception {
    await().until(membership::proven);
    long lost = membership.leaseId();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch holding = new CountDownLatch(1);
    loop.execute(() -> {
      holding.countDown();
      awaitQuietly(held);
    });
    holding.await();
    client.getLeaseClient().revoke(lost).join();
    await().until(() -> membership.leaseId() != lost && membership.leaseId() != 0);
    assertThat(membership.proven()).isFalse();
    held.countDown();
    await().until(membership::proven);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
