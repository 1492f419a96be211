package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.MonitoringPlan;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the pods that watch the cluster do. They never decide whether the cluster is Ready: it serves
 * its users without them. Pure.
 */
final class MonitoringHealth {
  static final String MONITORING_READY = "MonitoringReady";

  private static final Set<String> COMPONENTS =
      Set.of(Names.PROMETHEUS, Names.ALERTMANAGER, Names.GRAFANA);

  private MonitoringHealth() {}

  /** Whether the pod serves users, rather than watching those that do. */
  static boolean isWatched(Pod pod) {
    return !COMPONENTS.contains(pod.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  static Verdict of(Observed observed) {
    MonitoringPlan plan = observed.spec().monitoring();
    return switch (plan.stack()) {
      case NONE -> Verdict.yes("Disabled", "spec.monitoring.mode is Disabled");
      case API_MISSING ->
          Verdict.no(
              "ApiMissing",
              "spec.monitoring.mode is PrometheusOperator, but this Kubernetes cluster serves no"
                  + " ServiceMonitor; install the Prometheus operator or say Standalone");
      case PROMETHEUS_OPERATOR ->
          Verdict.yes(
              "PrometheusOperator",
              "ServiceMonitors and rules are in place for the Prometheus that runs already");
      case STANDALONE -> standalone(observed);
    };
  }

  private static Verdict standalone(Observed observed) {
    List<String> waiting = new ArrayList<>();
    for (String component : observed.spec().monitoring().components()) {
      if (readyPods(observed, component) == 0) {
        waiting.add(component);
      }
    }
    if (waiting.isEmpty()) {
      return Verdict.yes(
          "AllReady", String.join(", ", observed.spec().monitoring().components()) + " run");
    }
    List<Pod> pods = observed.pods().stream().filter(pod -> !isWatched(pod)).toList();
    return PodProblems.first(pods)
        .map(problem -> Verdict.no(problem.reason(), problem.message()))
        .orElse(Verdict.no("Progressing", "waiting for " + String.join(", ", waiting)));
  }

  private static int readyPods(Observed observed, String component) {
    return Optional.ofNullable(observed.deployments().get(component))
        .map(Deployment::getStatus)
        .map(status -> status.getReadyReplicas())
        .orElse(0);
  }
}
