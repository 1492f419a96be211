package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.collab.Writing;
import io.aetherflow.e2e.etcd.BareCluster;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Whoever drains nodes gets one pod of a component at a time, and the cluster serves on. */
@ClusterTest
@Order(74)
class EvictionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  private final Cluster cluster;

  EvictionTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void settle() {
    cluster.awaitReady();
  }

  @AfterEach
  void settleAgain() {
    cluster.awaitReady();
  }

  @Test
  void everyMemberOfEtcdCanBeMovedAndNeverTwoAtOnce() throws Exception {
    List<Pod> members = cluster.pods("etcd");
    assertThat(members).hasSize(3);
    try (Writing writing = new Writing(cluster);
        Recording recording = cluster.afc().record()) {
      assertThat(members.stream().filter(this::evict)).as("let go at once").hasSize(1);
      for (Pod member : members) {
        awaitGone(member);
      }
      awaitSuccessors("etcd", members);
      assertThat(recording.states())
          .as("a majority at all times")
          .allSatisfy(state -> assertThat(state.condition("EtcdAvailable").isTrue()).isTrue());
      writing.check();
    }
  }

  @Test
  void ofTheGatewaysOneStays() {
    List<Pod> gateways = cluster.pods("api-gateway");
    assertThat(gateways).hasSizeGreaterThan(1);

    assertThat(gateways.stream().filter(this::evict)).as("let go at once").hasSize(1);

    for (Pod gateway : gateways) {
      awaitGone(gateway);
    }
    awaitSuccessors("api-gateway", gateways);
  }

  /** The status may be from before the last eviction, so the pods are looked at first. */
  private void awaitSuccessors(String component, List<Pod> former) {
    Set<String> gone = BareCluster.uids(former);
    Awaitility.await("other pods of " + component)
        .atMost(TIMEOUT)
        .until(() -> {
          List<Pod> now = cluster.pods(component);
          return now.size() == former.size()
              && now.stream().allMatch(EvictionTest::isReady)
              && BareCluster.uids(now).stream().noneMatch(gone::contains);
        });
    cluster.awaitReady();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(each -> each.getType().equals("Ready") && each.getStatus().equals("True"));
  }

  /** As a drain does: asks again until the budget allows it. */
  private void awaitGone(Pod pod) {
    Awaitility.await(pod.getMetadata().getName() + " evicted")
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> !isThere(pod) || evict(pod));
  }

  private boolean isThere(Pod pod) {
    Pod now = cluster.client().resource(pod).get();
    return now != null
        && now.getMetadata().getUid().equals(pod.getMetadata().getUid())
        && now.getMetadata().getDeletionTimestamp() == null;
  }

  private boolean evict(Pod pod) {
    return cluster
        .client()
        .pods()
        .inNamespace(pod.getMetadata().getNamespace())
        .withName(pod.getMetadata().getName())
        .evict();
  }
}
