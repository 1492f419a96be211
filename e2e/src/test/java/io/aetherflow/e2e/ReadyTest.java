package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Condition;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A platform engineer looks at a fresh cluster with stock kubectl. */
@ClusterTest
@Order(10)
class ReadyTest {
  private final Cluster cluster;

  ReadyTest(Cluster cluster) {
    this.cluster = cluster;
  }

  private static void needsKubectl() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
  }

  private String kubectl(String... arguments) {
    return cluster.kubectl().run(arguments).ok().out();
  }

  @Test
  void getPrintsTheColumns() {
    needsKubectl();
    List<String> lines = kubectl("get", "aetherflow").lines().toList();

    List<String> header = words(lines.getFirst());
    assertThat(header)
        .containsExactly(
            "NAME",
            "READY",
            "REASON",
            "ETCD",
            "GATEWAY",
            "SESSION",
            "STATESYNC",
            "FEC",
            "CWND",
            "TUNED",
            "VERSION",
            "AGE");
    Map<String, String> row = new HashMap<>();
    List<String> cells = words(lines.get(1));
    for (int column = 0; column < header.size(); column++) {
      row.put(header.get(column), cells.get(column));
    }
    assertThat(row)
        .containsEntry("NAME", "demo")
        .containsEntry("READY", "True")
        .containsEntry("ETCD", "3/3")
        .containsEntry("GATEWAY", "2/2")
        .containsEntry("SESSION", "2/2")
        .containsEntry("STATESYNC", "2/2")
        .containsEntry("FEC", "30%")
        .containsEntry("CWND", "65536")
        .containsEntry("TUNED", "6/6")
        .containsEntry("VERSION", "0.1.0");
  }

  private static List<String> words(String line) {
    return List.of(line.trim().split("\\s+"));
  }

  @Test
  void waitForReadyReturns() {
    needsKubectl();
    assertThat(kubectl("wait", "--for=condition=Ready", "aetherflow/demo", "--timeout=30s"))
        .contains("condition met");
  }

  @Test
  void describeExplainAndYamlWork() {
    needsKubectl();
    assertThat(kubectl("describe", "aetherflow", "demo")).contains("TuningApplied", "Ready");
    assertThat(kubectl("explain", "aetherflow.spec.quantum.fec"))
        .contains("ratioPercent", "groupSize");
    assertThat(kubectl("get", "aetherflow", "demo", "-o", "yaml"))
        .contains("apiVersion: aetherflow.io/v1alpha1", "kind: AetherFlowCluster", "status:");
    assertThat(kubectl("get", "afc", "demo", "-o", "jsonpath={.status.display.tuned}"))
        .isEqualTo("6/6");
    assertThat(kubectl("get", "pods")).contains("demo-etcd-0", "Running", "1/1");
  }

  @Test
  void logsAreStructured() {
    needsKubectl();
    for (Pod pod : cluster.dataPlanePods()) {
      List<String> lines =
          new ArrayList<>(kubectl("logs", pod.getMetadata().getName()).lines().toList());
      assertThat(lines)
          .as("JSON log lines of %s", pod.getMetadata().getName())
          .anySatisfy(
              line -> assertThat(line).startsWith("{").contains("\"level\"", "\"component\""));
    }
  }

  @Test
  void everyConditionSpeaksOfThePresentGeneration() {
    AfcState state = cluster.afc().get();

    assertThat(state.observedGeneration()).isEqualTo(state.generation());
    assertThat(state.conditions())
        .extracting(Condition::type)
        .contains("Ready", "EtcdAvailable", "TuningApplied");
    assertThat(state.conditions())
        .allSatisfy(condition ->
            assertThat(condition.observedGeneration())
                .as(condition.type())
                .isEqualTo(state.generation()));
    assertThat(state.condition("Degraded").isTrue()).isFalse();
  }
}
