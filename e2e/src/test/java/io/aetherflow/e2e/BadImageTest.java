package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** An image that does not exist stops a rollout, not the service; reverting is all it takes. */
@ClusterTest
@Order(50)
class BadImageTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String BAD_IMAGE = "aetherflow/gateway:no-such-tag";

  private final Cluster cluster;
  private AfcState before;

  BadImageTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void remember() {
    cluster.awaitReady();
    before = cluster.afc().get();
  }

  @AfterEach
  void restore() {
    cluster.afc().restore(before);
    cluster.awaitReady();
  }

  @Test
  void oldPodsServeDegradedSaysWhyAndARevertHeals() {
    TreeSet<String> gateways = uids(cluster.pods("api-gateway"));
    TreeSet<String> etcd = etcdUids();
    Pod gateway = cluster.pods("api-gateway").getFirst();
    Tokens tokens = Tokens.of(cluster);
    String document = "e2e-" + UUID.randomUUID();

    try (Door door = Door.to(cluster, gateway);
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document)) {
      ada.awaitAttached(TIMEOUT);
      long bad =
          cluster
              .afc()
              .patch("{\"spec\":{\"gateway\":{\"image\":\"" + BAD_IMAGE + "\"}}}")
              .generation();
      AfcState degraded =
          cluster
              .afc()
              .await(
                  "Degraded=True naming image and pod",
                  TIMEOUT,
                  state ->
                      state.condition("Degraded").isTrueAt(bad)
                          && state.condition("Degraded").message().contains(BAD_IMAGE));
      assertThat(degraded.condition("Degraded").message()).contains("demo-api-gateway-");
      ada.write(50);
      ada.awaitAcked(TIMEOUT);
      assertThat(uids(cluster.pods("api-gateway"))).containsAll(gateways);

      cluster.afc().restore(before);
      AfcState healed = cluster.afc().awaitSettled(TIMEOUT);
      assertThat(healed.generation()).isGreaterThan(bad);
      ada.write(50);
      ada.awaitAcked(TIMEOUT);

      assertThat(ada.connections()).as("sockets opened; the first must have lived").isEqualTo(1);
      assertThat(uids(cluster.pods("api-gateway"))).isEqualTo(gateways);
      assertThat(etcdUids()).as("etcd pods and volumes").isEqualTo(etcd);
      Ledger.check(door, tokens.mint("carol"), document, ada);
    }
  }

  /**
   * A version that has no images: the first pod of the first service tells it, nothing else moves.
   */
  @Test
  void aVersionThatDoesNotExistStopsAtTheFirstPod() {
    TreeSet<String> all = uids(cluster.dataPlanePods());

    cluster.afc().patch("{\"spec\":{\"version\":\"0.1.99\"}}");
    AfcState halted =
        cluster
            .afc()
            .await(
                "Upgraded=False, halted",
                TIMEOUT,
                state -> state.condition("Upgraded").reason().equals("UpgradeHalted"));

    assertThat(halted.condition("Upgraded").message())
        .contains(
            "stopped at session-service", "aetherflow/session:0.1.99", "demo-session-service-")
        .contains("as they were: statesync-service, api-gateway");
    assertThat(halted.display("version")).isEqualTo("0.1.0->0.1.99");
    assertThat(cluster.pods("session-service")).as("one new pod beside the old ones").hasSize(3);
    assertThat(uids(cluster.dataPlanePods())).containsAll(all);

    cluster.afc().restore(before);
    cluster.afc().awaitSettled(TIMEOUT);
    assertThat(uids(cluster.dataPlanePods())).isEqualTo(all);
  }

  /** One member is given up to the broken image; the two others are the majority. */
  @Test
  void aBrokenImageOfEtcdTakesOneMemberAndARevertBringsItBack() {
    TreeSet<String> all = etcdUids();
    Tokens tokens = Tokens.of(cluster);
    String document = "e2e-" + UUID.randomUUID();

    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document)) {
      ada.awaitAttached(TIMEOUT);
      cluster.afc().patch("{\"spec\":{\"etcd\":{\"image\":\"quay.io/coreos/etcd:v3.5.99\"}}}");
      AfcState halted =
          cluster
              .afc()
              .await(
                  "Upgraded=False, halted",
                  TIMEOUT,
                  state -> state.condition("Upgraded").reason().equals("UpgradeHalted"));
      assertThat(halted.condition("Upgraded").message())
          .contains("stopped at etcd", "quay.io/coreos/etcd:v3.5.99");
      ada.write(50);
      ada.awaitAcked(TIMEOUT);
      TreeSet<String> kept = etcdUids();
      kept.retainAll(all);
      assertThat(kept).as("members and volumes that stay").hasSize(all.size() - 1);

      cluster.afc().restore(before);
      cluster.afc().awaitSettled(TIMEOUT);
      assertThat(etcdUids()).containsAll(kept);
      Ledger.check(door, tokens.mint("carol"), document, ada);
    }
  }

  private TreeSet<String> etcdUids() {
    TreeSet<String> found = uids(cluster.pods("etcd"));
    found.addAll(
        uids(
            cluster
                .client()
                .persistentVolumeClaims()
                .inNamespace(Cluster.NAMESPACE)
                .list()
                .getItems()));
    return found;
  }

  private static TreeSet<String> uids(List<? extends HasMetadata> objects) {
    TreeSet<String> uids = new TreeSet<>();
    objects.forEach(object -> uids.add(object.getMetadata().getUid()));
    return uids;
  }
}
