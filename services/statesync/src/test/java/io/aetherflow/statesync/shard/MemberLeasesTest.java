package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real etcd. */
@Timeout(60)
class MemberLeasesTest {
  /** Long enough to end well after it is overdue, however slow the machine. */
  private static final long TTL_SECONDS = 20;

  private static final Duration POLL = Duration.ofMillis(20);

  private EtcdServer etcd;
  private Client client;
  private MemberLeases leases;

  @BeforeEach
  void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    leases = new MemberLeases(client);
  }

  @AfterEach
  void stop() {
    client.close();
    etcd.close();
  }

  private boolean overdue(long lease) {
    return leases.overdue(lease).join();
  }

  @Test
  void aLeaseIsOverdueASecondAfterItsLastRenewalAndCanBeEnded() {
    await().ignoreExceptions().until(() -> leases.of("s-1").join().isEmpty());
    long lease = client.getLeaseClient().grant(TTL_SECONDS).join().getID();
    PutOption held = PutOption.builder().withLeaseId(lease).build();
    client.getKVClient().put(Bytes.of(EtcdKeys.MEMBERS + "s-1"), Bytes.of("a:1"), held).join();
    assertThat(leases.of("s-1").join()).hasValue(lease);
    long[] renewedNs = new long[1];
    await()
        .pollInterval(POLL)
        .until(() -> {
          renewedNs[0] = System.nanoTime();
          client.getLeaseClient().keepAliveOnce(lease).join();
          return !overdue(lease);
        });
    await().pollInterval(POLL).until(() -> overdue(lease));
    assertThat(Duration.ofNanos(System.nanoTime() - renewedNs[0]))
        .as("since the renewal was sent")
        .isGreaterThan(MemberLeases.SILENCE);
    leases.end(lease).join();
    assertThat(leases.of("s-1").join()).isEmpty();
    assertThat(overdue(lease)).as("there is none").isFalse();
  }
}
