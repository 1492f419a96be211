package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.collab.Typing;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A running cluster moves to another version while people write, and back. */
@ClusterTest
@LocalOnly
@Order(52)
class UpgradeTest {
  /**
   * Nine pods and the operator start one after the other, on a machine that may do other things.
   */
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  private static final String ETCD = "quay.io/coreos/etcd:v3.5.22";
  private static final List<String> STAGES =
      List.of("UpgradingEtcd", "UpgradingServices", "UpgradingGateways");

  private final Cluster cluster;
  private final Tokens tokens;
  private AfcState before;

  UpgradeTest(Cluster cluster) {
    this.cluster = cluster;
    this.tokens = Tokens.of(cluster);
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
  void stageByStageUnderLoadAndThroughARestartOfTheOperator() {
    String document = "e2e-" + UUID.randomUUID();
    try (Door door = Door.toService(cluster);
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document);
        Editor bob = new Editor("bob", door, tokens.mint("bob"), document);
        Recording recording = cluster.afc().record()) {
      ada.awaitAttached(TIMEOUT);
      bob.awaitAttached(TIMEOUT);
      try (Typing typing = Typing.of(ada, bob)) {
        long generation = startUpgrade();
        recording.await(
            "the services' turn", TIMEOUT, state -> reason(state).equals(STAGES.get(1)));
        assertThat(images("etcd")).as("before the first service").containsExactly(ETCD);
        Pod operator = cluster.operatorPod();
        cluster.local().processes().ofPod(operator).kill();
        recording.await(
            "the gateways' turn", TIMEOUT, state -> reason(state).equals(STAGES.get(2)));
        assertThat(images("session-service")).containsExactly("aetherflow/session:0.2.0");
        assertThat(images("statesync-service")).containsExactly("aetherflow/statesync:0.2.0");
        recording.await(
            "Ready at the new version",
            TIMEOUT,
            state -> state.generation() == generation && state.settled());
      }
      ada.awaitAcked(TIMEOUT);
      bob.awaitAcked(TIMEOUT);

      assertThat(images("api-gateway")).containsExactly("aetherflow/gateway:0.2.0");
      assertThat(cluster.afc().get().display("version")).isEqualTo("0.2.0");
      assertStages(recording.states());
      // Checks that no client was told an error, and that every acknowledged operation is there.
      Ledger.check(door, tokens.mint("carol"), document, ada, bob);
      assertThat(ada.connections()).as("sockets of one client").isLessThanOrEqualTo(8);
    }
  }

  private long startUpgrade() {
    return cluster
        .afc()
        .patch("{\"spec\":{\"version\":\"0.2.0\",\"etcd\":{\"image\":\"" + ETCD + "\"}}}")
        .generation();
  }

  private static void assertStages(List<AfcState> states) {
    Set<String> told =
        states.stream()
            .map(UpgradeTest::reason)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    // The first state is from before, and says what the last one says.
    told.remove("Complete");
    assertThat(told).as("stages told, in order").containsExactlyElementsOf(STAGES);
    assertThat(states)
        .filteredOn(state -> !state.condition("EtcdAvailable").reason().equals("Connecting"))
        .filteredOn(state -> !Set.of("2/3", "3/3").contains(state.display("etcd")))
        .extracting(AfcState::describe)
        .as("states that tell of fewer members, and not that they are yet to be counted")
        .isEmpty();
    assertThat(states)
        .filteredOn(state -> reason(state).equals("UpgradingServices"))
        .allSatisfy(state -> assertThat(state.display("version")).isEqualTo("0.1.0->0.2.0"))
        .isNotEmpty();
  }

  @Test
  void anImpossibleJumpIsToldAndChangesNothing() {
    Set<String> pods = uids();

    long generation = cluster.afc().patch("{\"spec\":{\"version\":\"0.9.0\"}}").generation();
    AfcState refused =
        cluster
            .afc()
            .await(
                "the refusal",
                TIMEOUT,
                state ->
                    state.observedGeneration() == generation
                        && reason(state).equals("VersionRefused"));

    assertThat(refused.condition("Ready").isTrue()).isFalse();
    assertThat(refused.condition("Upgraded").message()).contains("0.1", "0.9");
    assertThat(uids()).isEqualTo(pods);
  }

  private static String reason(AfcState state) {
    return state.condition("Upgraded").reason();
  }

  private Set<String> images(String component) {
    return cluster.pods(component).stream()
        .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> uids() {
    Set<String> uids = new TreeSet<>();
    cluster.dataPlanePods().forEach(pod -> uids.add(pod.getMetadata().getUid()));
    cluster.pods("etcd").forEach(pod -> uids.add(pod.getMetadata().getUid()));
    return uids;
  }
}
