package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.cluster.Processes.Proc;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kill -9 of any one process: it comes back, the status does not lie, nothing is lost. */
@ClusterTest
@LocalOnly
@Order(70)
class KillTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int OPS = 50;

  private final Cluster cluster;
  private final Tokens tokens;

  KillTest(Cluster cluster) {
    this.cluster = cluster;
    this.tokens = Tokens.of(cluster);
  }

  @BeforeEach
  void settle() {
    cluster.awaitReady();
  }

  /** The second pod is killed; the editor is on the first gateway. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "etcd, etcd",
    "statesync-service, stateSync",
    "session-service, session",
    "api-gateway, gateway"
  })
  void aPodsProcess(String component, String column) {
    Pod victim = cluster.pods(component).get(1);
    String full = cluster.afc().get().display(column);
    String document = "e2e-" + UUID.randomUUID();

    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document);
        Recording recording = cluster.afc().record()) {
      ada.awaitAttached(TIMEOUT);
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);
      ada.write(OPS);
      int seenBefore = recording.states().size();
      cluster.local().processes().ofPod(victim).kill();
      ada.write(OPS);

      recording.awaitFrom(
          seenBefore,
          "the loss of one " + component,
          TIMEOUT,
          state -> !state.display(column).equals(full) || !state.condition("Ready").isTrue());
      cluster.awaitRestarted(victim);
      cluster
          .afc()
          .await(
              component + " complete again",
              TIMEOUT,
              state -> state.settled() && state.display(column).equals(full));
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);
      Ledger.check(door, tokens.mint("carol"), document, ada);
    }
  }

  @Test
  void theGatewayUnderAClient() {
    Pod victim = cluster.pods("api-gateway").getFirst();
    String document = "e2e-" + UUID.randomUUID();

    try (Door door = Door.to(cluster, victim);
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document)) {
      ada.awaitAttached(TIMEOUT);
      ada.write(OPS);
      cluster.local().processes().ofPod(victim).kill();
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);

      assertThat(ada.connections()).as("sockets opened").isGreaterThan(1);
      Ledger.check(door, tokens.mint("carol"), document, ada);
    }
    cluster.awaitRestarted(victim);
  }

  @Test
  void theOperator() {
    AfcState before = cluster.afc().get();
    Pod operator = cluster.operatorPod();
    Proc process = cluster.local().processes().ofPod(operator);

    process.kill();
    try (Recording recording = cluster.afc().record()) {
      long generation = cluster.afc().patchFecRatio(37).generation();
      AfcState applied =
          recording.await(
              "TuningApplied=True at generation " + generation + " after the operator's death",
              TIMEOUT,
              state -> state.condition("TuningApplied").isTrueAt(generation));
      assertThat(applied.display("fec")).isEqualTo("37%");
      assertThat(recording.states())
          .filteredOn(state -> state.condition("Ready").isTrueAt(generation))
          .as("states that call the new generation Ready")
          .allSatisfy(state -> assertThat(state.observedGeneration()).isEqualTo(generation));
    } finally {
      cluster.afc().restore(before);
    }
    cluster.awaitRestarted(operator);
    cluster.awaitReady();
  }
}
