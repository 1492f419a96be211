package io.aetherflow.operator.model;

import io.aetherflow.crds.AutoscalingSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * How many pods a workload has between its bounds: by CPU, and by sessions where that is wanted.
 */
final class AutoscalerModel {
  private static final int MAX_REPLICAS = 10;
  private static final int CPU_PERCENT = 70;

  private final Names names;
  private final Workload workload;
  private final AutoscalingSpec autoscaling;

  AutoscalerModel(Names names, Workload workload, AutoscalingSpec autoscaling) {
    this.names = names;
    this.workload = workload;
    this.autoscaling = autoscaling;
  }

  HorizontalPodAutoscaler autoscaler() {
    String name = names.workload(workload.component());
    return new HorizontalPodAutoscalerBuilder()
        .withMetadata(Metadata.of(names, name + "-hpa", workload.component()))
        .withNewSpec()
        .withNewScaleTargetRef("apps/v1", "Deployment", name)
        .withMinReplicas(workload.replicas())
        .withMaxReplicas(orElse(autoscaling.maxReplicas(), MAX_REPLICAS))
        .withMetrics(metrics())
        .endSpec()
        .build();
  }

  private List<MetricSpec> metrics() {
    List<MetricSpec> metrics = new ArrayList<>();
    metrics.add(cpu());
    if (autoscaling.targetSessionsPerPod() != null) {
      metrics.add(sessions(autoscaling.targetSessionsPerPod()));
    }
    return metrics;
  }

  private MetricSpec cpu() {
    return new MetricSpecBuilder()
        .withType("Resource")
        .withNewResource()
        .withName("cpu")
        .withNewTarget()
        .withType("Utilization")
        .withAverageUtilization(orElse(autoscaling.targetCPUUtilizationPercentage(), CPU_PERCENT))
        .endTarget()
        .endResource()
        .build();
  }

  /** The two count differently: a gateway its own sockets, the session service its share of all. */
  private String sessionsMetric() {
    return workload.isGateway() ? "app_active_sessions" : "session_active_sessions";
  }

  private MetricSpec sessions(int perPod) {
    return new MetricSpecBuilder()
        .withType("Pods")
        .withNewPods()
        .withNewMetric()
        .withName(sessionsMetric())
        .endMetric()
        .withNewTarget()
        .withType("AverageValue")
        .withAverageValue(canonical(perPod))
        .endTarget()
        .endPods()
        .build();
  }

  /** As the API server writes it, lest it be applied again and again. */
  private static Quantity canonical(int number) {
    if (number % 1_000_000 == 0) {
      return new Quantity(number / 1_000_000 + "M");
    }
    return new Quantity(number % 1_000 == 0 ? number / 1_000 + "k" : Integer.toString(number));
  }

  private static int orElse(Integer given, int absent) {
    return given == null ? absent : given;
  }
}
