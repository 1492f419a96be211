package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** An edit reaches every running pod, no pod restarts, and the status proves it. */
@ClusterTest
@Order(20)
class RetuneTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Cluster cluster;
  private AfcState before;

  RetuneTest(Cluster cluster) {
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
  void everyPodAppliesANewRatioWithoutARestart() {
    Map<String, Integer> podsBefore = restartsByUid();

    try (Recording recording = cluster.afc().record()) {
      long generation = cluster.afc().patchFecRatio(45).generation();
      AfcState applied =
          recording.await(
              "TuningApplied=True at generation " + generation,
              TIMEOUT,
              state -> state.condition("TuningApplied").isTrueAt(generation));

      assertThat(applied.display("fec")).isEqualTo("45%");
      assertThat(applied.appliedPods()).isEqualTo(applied.totalPods()).isEqualTo(6);
      assertThat(applied.tuningRevision()).isNotEqualTo(before.tuningRevision());
      assertThat(recording.states())
          .filteredOn(state -> state.condition("TuningApplied").isTrueAt(generation))
          .as("states that call the new generation applied")
          .allSatisfy(
              state -> assertThat(state.tuningRevision()).isNotEqualTo(before.tuningRevision()));
    }
    assertThat(restartsByUid()).isEqualTo(podsBefore);
  }

  private Map<String, Integer> restartsByUid() {
    Map<String, Integer> restarts = new TreeMap<>();
    for (Pod pod : cluster.dataPlanePods()) {
      pod.getStatus().getContainerStatuses().stream()
          .mapToInt(status -> status.getRestartCount())
          .forEach(count -> restarts.put(pod.getMetadata().getUid(), count));
    }
    return restarts;
  }

  @Test
  @LocalOnly
  void etcdHoldsOneRevisionAndEveryPodsConfirmationOfIt() throws Exception {
    long generation = cluster.afc().patchFecRatio(25).generation();
    long revision = cluster.afc().awaitApplied(generation, TIMEOUT).tuningRevision();

    try (EtcdView etcd = cluster.etcd()) {
      List<EtcdView.Entry> config = etcd.list("/config/");
      assertThat(config).extracting(EtcdView.Entry::modRevision).containsOnly(revision);
      assertThat(config)
          .filteredOn(entry -> entry.key().equals("/config/quantum/fec-ratio"))
          .extracting(EtcdView.Entry::value)
          .containsExactly("0.25");
      for (Pod pod : cluster.dataPlanePods()) {
        String name = pod.getMetadata().getName();
        List<EtcdView.Entry> confirmations =
            etcd.list("/status/quantum/").stream()
                .filter(entry -> entry.key().endsWith("/" + name))
                .toList();
        assertThat(confirmations).as("confirmation of %s", name).hasSize(1);
        assertThat(JSON.readTree(confirmations.getFirst().value()).path("revision").asLong())
            .as("revision confirmed by %s", name)
            .isEqualTo(revision);
      }
    }
  }

  @Test
  void anEditOfTheLogLevelChangesWhatAPodLogs() {
    Pod gateway = cluster.pods("api-gateway").getFirst();
    assertThat(debugLines(gateway)).as("DEBUG lines at level Info").isZero();

    long generation = cluster.afc().patch("{\"spec\":{\"logLevel\":\"Debug\"}}").generation();
    cluster.afc().awaitApplied(generation, TIMEOUT);

    try (Door door = Door.to(cluster, gateway);
        Rest rest = new Rest(door, Tokens.of(cluster).mint("ada"))) {
      Awaitility.await("a DEBUG line in the log of " + gateway.getMetadata().getName())
          .atMost(TIMEOUT)
          .until(() -> {
            rest.get("/documents");
            return debugLines(gateway) > 0;
          });
    }
  }

  private long debugLines(Pod pod) {
    return cluster
        .client()
        .pods()
        .inNamespace(Cluster.NAMESPACE)
        .withName(pod.getMetadata().getName())
        .getLog()
        .lines()
        .filter(line -> line.contains("\"level\":\"debug\""))
        .count();
  }

  @Test
  void anEditThatChangesNoTuningIsObservedWithoutANewRevision() {
    String other =
        before.resource().get("spec", "deletionPolicy").equals("Delete") ? "Retain" : "Delete";
    long generation =
        cluster.afc().patch("{\"spec\":{\"deletionPolicy\":\"" + other + "\"}}").generation();

    AfcState applied = cluster.afc().awaitApplied(generation, TIMEOUT);
    assertThat(generation).isGreaterThan(before.generation());
    assertThat(applied.observedGeneration()).isEqualTo(generation);
    assertThat(applied.tuningRevision()).isEqualTo(before.tuningRevision());
  }
}
