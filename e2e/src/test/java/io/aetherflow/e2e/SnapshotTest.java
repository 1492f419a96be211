package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.Afc;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Kubectl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A snapshot of one cluster's etcd becomes the beginning of another cluster. */
@ClusterTest
@Order(76)
class SnapshotTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(180);
  private static final int OPS = 100;
  private static final String TWIN = "twin";
  private static final String CLAIM = "snapshots-demo-etcd-backup-0";

  private static final String TWIN_YAML =
      """
      apiVersion: aetherflow.io/v1alpha1
      kind: AetherFlowCluster
      metadata: {name: twin}
      spec:
        profile: Development
        gateway: {replicas: 1}
        session: {replicas: 1}
        stateSync: {replicas: 1}
        etcd:
          replicas: 3
          restore: {claimName: %s, snapshot: %s}
      """;

  private final Cluster cluster;
  private AfcState before;

  SnapshotTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void settle() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    cluster.awaitReady();
    before = cluster.afc().get();
  }

  @AfterEach
  void restore() {
    if (before == null) {
      return;
    }
    cluster.kubectl().run("delete", "aetherflow", TWIN, "--ignore-not-found").ok();
    cluster.afc().restore(before);
    Awaitility.await("no pod of the twin and no keeper")
        .atMost(TIMEOUT)
        .until(() -> cluster.pods(TWIN, "etcd").isEmpty() && cluster.pods("etcd-backup").isEmpty());
    cluster.kubectl().run("delete", "pvc", "-l", "app.kubernetes.io/instance=" + TWIN).ok();
    cluster.kubectl().run("delete", "pvc", CLAIM, "--ignore-not-found").ok();
    cluster.awaitReady();
  }

  @Test
  void aNewClusterBeginsWithTheDocumentsOfTheSnapshot() {
    String document = "e2e-" + UUID.randomUUID();
    Tokens tokens = Tokens.of(cluster);
    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document)) {
      ada.awaitAttached(TIMEOUT);
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);
      String snapshot = takeSnapshot();
      // What comes after the snapshot is not in it.
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);

      begin(snapshot);
      List<String> restored = readAndGoOn(document);
      assertThat(restored.subList(0, OPS))
          .isEqualTo(ada.ops().subList(0, OPS).stream().map(op -> op.data()).toList());
      Ledger.check(door, tokens.mint("carol"), document, ada);
    }
  }

  private String takeSnapshot() {
    cluster.afc().patch("{\"spec\":{\"etcd\":{\"backup\":{\"interval\":\"1h\"}}}}");
    AfcState state =
        cluster
            .afc()
            .await(
                "a verified snapshot",
                TIMEOUT,
                each ->
                    each.settled()
                        && each.condition("EtcdBackedUp").isTrue()
                        && !each.lastSnapshot().isEmpty());
    return state.lastSnapshot();
  }

  private void begin(String snapshot) {
    String yaml = TWIN_YAML.formatted(CLAIM, snapshot);
    cluster.kubectl().runWithInput(yaml, "apply", "-f", "-").ok();
    AfcState state =
        new Afc(cluster.client(), Cluster.NAMESPACE, TWIN)
            .await(
                "the twin settled with three members",
                TIMEOUT,
                each -> each.settled() && each.display("etcd").equals("3/3"));
    assertThat(state.etcdMemberIds().values())
        .as("members under ids of their own")
        .doesNotContainAnyElementsOf(cluster.afc().get().etcdMemberIds().values());
    assertThat(cluster.pods(TWIN, "etcd-restore")).isEmpty();
  }

  /** Data of the document's operations on the new cluster, where more is then written. */
  private List<String> readAndGoOn(String document) {
    Tokens tokens = Tokens.of(cluster, TWIN);
    try (Door door = Door.to(cluster, cluster.pods(TWIN, "api-gateway").getFirst());
        Editor bob = new Editor("bob", door, tokens.mint("bob"), document)) {
      bob.awaitSeq(OPS, TIMEOUT);
      assertThat(bob.ops()).hasSize(OPS);
      bob.write(OPS);
      bob.awaitAcked(TIMEOUT);
      Map<String, Long> acked = bob.acked();
      assertThat(acked.values()).as("places after those of the snapshot").allMatch(s -> s > OPS);
      return Ledger.check(door, tokens.mint("carol"), document, bob).stream()
          .map(op -> op.data())
          .toList();
    }
  }
}
