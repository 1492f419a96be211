package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.AuditLog;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * An autoscaler adds a gateway and takes it away again, by metrics that this test writes on the
 * pods; the operator leaves {@code replicas} to it.
 */
@ClusterTest
@LocalOnly
@Order(58)
class AutoscalingTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  /** From the metric's rise, in which the autoscaler's own decision is counted too. */
  private static final Duration SERVES_WITHIN = Duration.ofSeconds(15);

  private static final Duration WINDOW = Duration.ofSeconds(8);
  private static final String GATEWAY = "api-gateway";
  private static final String DEPLOYMENT = Cluster.NAME + "-" + GATEWAY;
  private static final String OPERATOR = "aetherflow-operator";
  private static final int FEWEST = 2;
  private static final int MOST = 3;

  private final Cluster cluster;
  private AfcState before;

  /** Where the audit stood when the replicas were still the operator's. */
  private long owned;

  AutoscalingTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void handOverToAnAutoscaler() {
    cluster.awaitReady();
    before = cluster.afc().get();
    owned = cluster.local().audit().end();
    cluster
        .afc()
        .patch(
            "{\"spec\":{\"gateway\":{\"replicas\":null,\"autoscaling\":{\"minReplicas\":%d,\"maxReplicas\":%d}}}}"
                .formatted(FEWEST, MOST));
    cluster.awaitReady();
    Awaitility.await().atMost(TIMEOUT).until(() -> cluster.pods(GATEWAY).size() == FEWEST);
    // Five minutes by default. The operator names no behaviour, so this one stays.
    cluster
        .kubectl()
        .run(
            "patch",
            "hpa",
            DEPLOYMENT + "-hpa",
            "--type=merge",
            "-p",
            "{\"spec\":{\"behavior\":{\"scaleDown\":{\"stabilizationWindowSeconds\":%d}}}}"
                .formatted(WINDOW.toSeconds()))
        .ok();
  }

  @AfterEach
  void restore() {
    if (before != null) {
      cluster.afc().restore(before);
      cluster.awaitReady();
    }
  }

  @Test
  void aGatewayComesWithTheLoadServesSoonAndGoesWithIt() {
    AuditLog audit = cluster.local().audit();
    long quiet = audit.end();
    assertThat(audit.writesSince(owned))
        .as("handing over is a write of the operator, so one would be seen")
        .anyMatch(AutoscalingTest::isOperatorsOfADeployment);
    Set<String> first = names();

    long roseNs = System.nanoTime();
    cpu(cluster.pods(GATEWAY), 140);
    Awaitility.await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> replicas() == MOST);
    Pod added = addedTo(first);
    awaitServing(added);
    Duration took = Duration.ofNanos(System.nanoTime() - roseNs);
    System.out.printf("from the metric's rise to an answer of the new gateway: %s%n", took);
    assertThat(took).isLessThan(SERVES_WITHIN);
    assertThat(cluster.afc().awaitSettled(TIMEOUT).display("gateway")).isEqualTo(MOST + "/" + MOST);

    cpu(cluster.pods(GATEWAY), 139);
    long fellNs = System.nanoTime();
    cpu(cluster.pods(GATEWAY), 5);
    Awaitility.await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> replicas() == FEWEST);
    assertThat(Duration.ofNanos(System.nanoTime() - fellNs))
        .as("fewer pods wait for the stabilization window")
        .isGreaterThan(WINDOW.minusSeconds(1));
    cluster
        .afc()
        .await(
            "settled with fewer gateways",
            TIMEOUT,
            state -> state.settled() && state.display("gateway").equals(FEWEST + "/" + FEWEST));
    assertThat(audit.writesSince(quiet))
        .as("the operator and the autoscaler do not fight")
        .noneMatch(AutoscalingTest::isOperatorsOfADeployment);
  }

  private static boolean isOperatorsOfADeployment(String write) {
    return write.contains(OPERATOR) && write.contains(" deployments ");
  }

  /** On the pods themselves; the autoscaler of a local cluster reads it there. */
  private void cpu(List<Pod> pods, int percent) {
    for (Pod pod : pods) {
      cluster
          .client()
          .resource(pod)
          .edit(now ->
              new PodBuilder(now)
                  .editMetadata()
                  .addToAnnotations("local.aetherflow.io/metrics", "{\"cpu\": " + percent + "}")
                  .endMetadata()
                  .build());
    }
  }

  private Set<String> names() {
    return cluster.pods(GATEWAY).stream()
        .map(pod -> pod.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private Pod addedTo(Set<String> first) {
    return Awaitility.await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                cluster.pods(GATEWAY).stream()
                    .filter(pod -> !first.contains(pod.getMetadata().getName()))
                    .findFirst()
                    .orElse(null),
            pod ->
                pod != null
                    && pod.getStatus() != null
                    && pod.getStatus().getConditions().stream()
                        .anyMatch(
                            c -> c.getType().equals("Ready") && c.getStatus().equals("True")));
  }

  /** A call that goes through it to the services behind. */
  private void awaitServing(Pod gateway) {
    try (Door door = Door.to(cluster, gateway);
        Rest rest = new Rest(door, Tokens.of(cluster).mint("ada"))) {
      Awaitility.await()
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(50))
          .ignoreExceptions()
          .until(() -> rest.get("/documents").status() == 200);
    }
  }

  private int replicas() {
    return cluster
        .client()
        .apps()
        .deployments()
        .inNamespace(Cluster.NAMESPACE)
        .withName(DEPLOYMENT)
        .get()
        .getSpec()
        .getReplicas();
  }
}
