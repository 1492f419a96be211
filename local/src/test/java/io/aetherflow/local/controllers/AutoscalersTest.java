package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AutoscalersTest {
  @TempDir Path directory;

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(directory);
    cluster.objects.create(Samples.deployment("web", 2));
    awaitReady(2);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  void theMetricThatAsksForMostPodsDecides() throws Exception {
    cluster.objects.create(autoscaler(8, 0));
    script("{\"cpu\": 70, \"app_active_sessions\": 250}");
    awaitReady(5);
  }

  @Test
  void theMaximumIsKept() throws Exception {
    cluster.objects.create(autoscaler(3, 0));
    script("{\"cpu\": 700, \"app_active_sessions\": 1}");
    awaitReady(3);
  }

  @Test
  void fewerPodsWaitForTheWindow() throws Exception {
    cluster.objects.create(autoscaler(8, 300));
    script("{\"cpu\": 70, \"app_active_sessions\": 200}");
    awaitReady(4);
    script("{\"cpu\": 7, \"app_active_sessions\": 10}");
    cluster.settle();
    assertThat(replicas()).isEqualTo(4);

    cluster.edit(
        HorizontalPodAutoscaler.class,
        "web",
        each -> {
          each.getSpec().getBehavior().getScaleDown().setStabilizationWindowSeconds(0);
          return each;
        });
    cluster.await("scaled down to the minimum", () -> replicas() == 2);
  }

  /** As with an adapter that is not there: more pods by CPU, but no fewer. */
  @Test
  void aMetricThatIsNotKnownKeepsPodsFromGoing() throws Exception {
    cluster.objects.create(autoscaler(8, 0));
    script("{\"cpu\": 140}");
    awaitReady(4);
    script("{\"cpu\": 7}");
    cluster.settle();
    assertThat(replicas()).isEqualTo(4);
  }

  @Test
  void withoutMetricsNothingHappensAndTheConditionTells() throws Exception {
    cluster.objects.create(autoscaler(8, 0));
    cluster.await(
        "told",
        () ->
            cluster.get(HorizontalPodAutoscaler.class, "web").getStatus() != null
                && cluster
                    .get(HorizontalPodAutoscaler.class, "web")
                    .getStatus()
                    .getConditions()
                    .getFirst()
                    .getReason()
                    .equals("FailedGetMetric"));
    assertThat(replicas()).isEqualTo(2);
  }

  private int replicas() {
    return cluster.get(Deployment.class, "web").getSpec().getReplicas();
  }

  private void awaitReady(int pods) throws Exception {
    cluster.await(
        pods + " ready pods",
        () ->
            cluster.pods("web").size() == pods
                && cluster.pods("web").stream().allMatch(PodStates::isReady));
    cluster.settle();
    assertThat(cluster.pods("web")).hasSize(pods);
  }

  /**
   * On the pods there are, first on those that carry something: each write is looked at, and a pod
   * more that counts must not raise the sum in between. Pods to come count for nothing.
   */
  private void script(String metrics) {
    List<Pod> pods = new ArrayList<>(cluster.pods("web"));
    pods.sort(
        Comparator.comparing(pod ->
            !Templates.mutable(pod.getMetadata().getAnnotations())
                .containsKey(ScriptedMetrics.ANNOTATION)));
    for (Pod pod : pods) {
      cluster.edit(
          Pod.class,
          pod.getMetadata().getName(),
          each -> {
            var annotations = Templates.mutable(each.getMetadata().getAnnotations());
            annotations.put(ScriptedMetrics.ANNOTATION, metrics);
            each.getMetadata().setAnnotations(annotations);
            return each;
          });
    }
  }

  private static HorizontalPodAutoscaler autoscaler(int most, int windowSeconds) {
    return new HorizontalPodAutoscalerBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace(TestCluster.NAMESPACE)
        .endMetadata()
        .withNewSpec()
        .withNewScaleTargetRef("apps/v1", "Deployment", "web")
        .withMinReplicas(2)
        .withMaxReplicas(most)
        .withNewBehavior()
        .withNewScaleDown()
        .withStabilizationWindowSeconds(windowSeconds)
        .endScaleDown()
        .endBehavior()
        .addNewMetric()
        .withType("Resource")
        .withNewResource()
        .withName("cpu")
        .withNewTarget()
        .withType("Utilization")
        .withAverageUtilization(70)
        .endTarget()
        .endResource()
        .endMetric()
        .addNewMetric()
        .withType("Pods")
        .withNewPods()
        .withNewMetric()
        .withName("app_active_sessions")
        .endMetric()
        .withNewTarget()
        .withType("AverageValue")
        .withAverageValue(new Quantity("100"))
        .endTarget()
        .endPods()
        .endMetric()
        .endSpec()
        .build();
  }
}
