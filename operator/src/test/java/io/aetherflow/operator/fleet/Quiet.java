package io.aetherflow.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.local.server.Audit;
import io.aetherflow.operator.etcd.EtcdProcess;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Whether the operator leaves everything alone when nobody changes anything. That nothing comes is
 * no event, so time passes here.
 */
final class Quiet {
  /** Longer than it takes from the last event to the last write. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final Duration SETTLES_WITHIN = Duration.ofSeconds(30);

  private Quiet() {}

  /** Waits until it has come to rest, then watches: not one request to the API or to etcd. */
  static void assertQuietFor(Duration quiet, HollowCluster cluster, EtcdProcess etcd)
      throws Exception {
    List<Audit.Write> writes = cluster.operatorsWrites();
    assertThat(writes).as("what the audit saw before, lest it see nothing at all").isNotEmpty();
    Awaitility.await().atMost(SETTLES_WITHIN).until(() -> writesWithin(SETTLED, writes) == 0);
    try (Client client = Client.builder().endpoints(etcd.endpoint()).build()) {
      long revision = revision(client);
      int before = writes.size();
      Thread.sleep(quiet);
      assertThat(writes.subList(before, writes.size())).as("writes at rest").isEmpty();
      assertThat(revision(client)).as("etcd's revision at rest").isEqualTo(revision);
    }
  }

  private static int writesWithin(Duration time, List<Audit.Write> writes)
      throws InterruptedException {
    int before = writes.size();
    Thread.sleep(time);
    return writes.size() - before;
  }

  private static long revision(Client client) throws Exception {
    return client
        .getKVClient()
        .get(ByteSequence.from(new byte[] {1}))
        .get()
        .getHeader()
        .getRevision();
  }
}
