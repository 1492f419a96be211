package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.Writes;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A cluster that nobody edits is written by nobody, neither its objects nor its etcd. */
@ClusterTest
@Order(40)
class SteadyStateTest {
  private static final Duration QUIET = Duration.ofSeconds(60);

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
    try (EtcdView etcd = cluster.etcd()) {
      long revision = etcd.revision();
      assertNoObjectChanges();
      assertThat(etcd.revision())
          .as("etcd revision; keys changed since: %s", etcd.changedSince(revision))
          .isEqualTo(revision);
    }
  }

  private void assertNoObjectChanges() {
    try (Writes writes = Writes.watch(cluster.client(), Cluster.NAMESPACE)) {
      assertThat(writes.within(QUIET)).as("changes in a steady cluster").isEmpty();
    }
  }
}
