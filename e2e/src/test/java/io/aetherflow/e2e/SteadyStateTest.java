package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.AuditLog;
import io.aetherflow.e2e.kube.Writes;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A cluster that nobody edits is written by nobody, neither its objects nor its etcd. */
@ClusterTest
@Order(40)
class SteadyStateTest {
  private static final Duration QUIET = Duration.ofSeconds(60);

  /** Longer than it takes from the last event to the last write. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final Duration SETTLES_WITHIN = Duration.ofSeconds(20);

  private final Cluster cluster;

  SteadyStateTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void nothingIsWrittenForAMinute() {
    cluster.awaitReady();
    if (!cluster.isLocal()) {
      assertNoObjectChanges();
      return;
    }
    AuditLog audit = cluster.local().audit();
    awaitRest(audit);
    try (EtcdView etcd = cluster.etcd()) {
      long revision = etcd.revision();
      long before = audit.end();
      assertNoObjectChanges();
      assertThat(audit.writesSince(before))
          .as("requests to write in a steady cluster, also those that change nothing")
          .isEmpty();
      assertThat(etcd.revision())
          .as("etcd revision; keys changed since: %s", etcd.changedSince(revision))
          .isEqualTo(revision);
      cluster.afc().patch("{}");
      Awaitility.await("the audit tells of a request that changes nothing")
          .atMost(SETTLES_WITHIN)
          .until(() -> audit.writesSince(before).size() == 1);
    }
  }

  /** What was recorded last before, an Event for one, is written beside the cluster's objects. */
  private static void awaitRest(AuditLog audit) {
    long[] last = {audit.end()};
    Awaitility.await()
        .atMost(SETTLES_WITHIN)
        .pollInterval(SETTLED)
        .until(() -> {
          long since = last[0];
          last[0] = audit.end();
          return audit.writesSince(since).isEmpty();
        });
  }

  private void assertNoObjectChanges() {
    try (Writes writes = Writes.watch(cluster.client(), Cluster.NAMESPACE)) {
      assertThat(writes.within(QUIET)).as("changes in a steady cluster").isEmpty();
    }
  }
}
