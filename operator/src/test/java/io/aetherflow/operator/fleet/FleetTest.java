package io.aetherflow.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.EtcdProcess;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One operator with a small heap serves hundreds of clusters. */
class FleetTest {
  private static final int NAMESPACES = 30;
  private static final int EDITS = 50;
  private static final String HEAP = "256m";
  private static final Duration ALL_READY = Duration.ofSeconds(180);

  /** So that a miss tells by how much. */
  private static final Duration PATIENCE = Duration.ofSeconds(300);

  private static final Duration EDIT_P99 = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofSeconds(60);

  @TempDir Path directory;
  private EtcdProcess etcd;
  private HollowCluster cluster;
  private Confirmations confirmations;
  private States states;
  private OperatorProcess operator;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdProcess(directory.resolve("etcd"));
    cluster = new HollowCluster(directory);
    confirmations = new Confirmations(etcd.endpoint(), cluster.objects());
    states = new States(cluster.client());
    for (int i = 0; i < NAMESPACES; i++) {
      cluster
          .client()
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace(i)).endMetadata().build())
          .create();
    }
    operator = cluster.startOperator(HEAP);
  }

  @AfterEach
  void stop() throws Exception {
    operator.close();
    states.close();
    confirmations.close();
    cluster.close();
    etcd.close();
  }

  /** Three to four minutes; the bars are for a machine that does nothing else. */
  @Test
  @Tag("lab")
  void threeHundredClustersBecomeReadyTakeEditsFastAndAreThenLeftAlone() throws Exception {
    serve(300);
  }

  @Test
  void dozensOfClustersBecomeReadyTakeEditsFastAndAreThenLeftAlone() throws Exception {
    serve(40);
  }

  private void serve(int clusters) throws Exception {
    long startNs = System.nanoTime();
    for (int i = 0; i < clusters; i++) {
      cluster.client().resource(resource(i)).create();
    }
    states.await(clusters, "all Ready", PATIENCE, States::isReady);
    Duration ready = Duration.ofNanos(System.nanoTime() - startNs);
    report(clusters, "all Ready after %d ms", ready.toMillis());

    List<Long> millis = new ArrayList<>();
    Random random = new Random(1);
    for (int edit = 0; edit < EDITS; edit++) {
      millis.add(edit(random.nextInt(clusters), 31 + edit));
    }
    millis.sort(null);
    report(clusters, "edits p50 %d, p99 %d ms", millis.get(EDITS / 2), millis.getLast());

    assertThat(ready).as("time until all are Ready").isLessThan(ALL_READY);
    assertThat(Duration.ofMillis(millis.getLast()))
        .as("edit to TuningApplied, p99 of %s", millis)
        .isLessThan(EDIT_P99);
    Quiet.assertQuietFor(QUIET, cluster, etcd);
  }

  /** Milliseconds until the operator says that all pods run it. */
  private long edit(int number, int ratioPercent) {
    long startNs = System.nanoTime();
    long generation =
        cluster
            .client()
            .resources(AetherFlowCluster.class)
            .inNamespace(namespace(number))
            .withName(name(number))
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"spec\":{\"quantum\":{\"fec\":{\"ratioPercent\":" + ratioPercent + "}}}}")
            .getMetadata()
            .getGeneration();
    states.await(
        name(number),
        "edit applied",
        Duration.ofSeconds(30),
        state -> state.getMetadata().getGeneration() == generation && States.isTuned(state));
    return (System.nanoTime() - startNs) / 1_000_000;
  }

  private AetherFlowCluster resource(int number) {
    return Serialization.unmarshal(
        """
        apiVersion: aetherflow.io/v1alpha1
        kind: AetherFlowCluster
        metadata:
          name: %s
          namespace: %s
        spec:
          profile: Development
          etcd:
            external:
              endpoints: ["%s"]
              prefix: %s
          monitoring:
            mode: Disabled
        """
            .formatted(
                name(number),
                namespace(number),
                etcd.endpoint(),
                Confirmations.prefix(name(number))),
        AetherFlowCluster.class);
  }

  private static String namespace(int number) {
    return "team-" + number % NAMESPACES;
  }

  private static String name(int number) {
    return "fleet-" + number;
  }

  private void report(int clusters, String format, Object... arguments) {
    System.out.printf(
        "%d clusters: %s; operator: heap used %.0f MB, CPU %d s%n",
        clusters,
        format.formatted(arguments),
        operator.heapBytes() / 1e6,
        operator.cpu().toSeconds());
  }
}
