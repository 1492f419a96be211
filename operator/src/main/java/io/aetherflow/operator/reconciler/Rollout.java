package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.model.Workload;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.Optional;

/**
 * How far a Deployment is. Pure.
 *
 * @param ready ready pods of the wanted template
 * @param serving ready pods of any template, at most the wanted number
 * @param complete whether exactly the wanted pods of the wanted template run, all ready
 * @param trouble why the Deployment itself says that it cannot go on
 */
record Rollout(
    String component,
    int desired,
    int ready,
    int serving,
    boolean complete,
    Optional<String> trouble) {

  static Rollout of(Workload workload, Optional<Deployment> found) {
    if (found.isEmpty()) {
      return new Rollout(workload.component(), workload.replicas(), 0, 0, false, Optional.empty());
    }
    Deployment deployment = found.get();
    Integer written = deployment.getSpec().getReplicas();
    int desired =
        workload.autoscaling().isPresent() && written != null ? written : workload.replicas();
    DeploymentStatus status =
        deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
    int all = orZero(status.getReplicas());
    int updated = orZero(status.getUpdatedReplicas());
    int anyReady = orZero(status.getReadyReplicas());
    boolean observed =
        status.getObservedGeneration() != null
            && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    // Outdated pods are counted as ready first, so that the rest are surely of the new template.
    int ready = observed ? Math.max(0, anyReady - (all - updated)) : 0;
    boolean complete = observed && all == desired && updated == desired && anyReady == desired;
    return new Rollout(
        workload.component(),
        desired,
        ready,
        Math.min(anyReady, desired),
        complete,
        observed ? trouble(status) : Optional.empty());
  }

  /** Pods that cannot be created, for a quota for instance, or a rollout past its deadline. */
  private static Optional<String> trouble(DeploymentStatus status) {
    return status.getConditions().stream()
        .filter(each ->
            each.getType().equals("ReplicaFailure") && each.getStatus().equals("True")
                || "ProgressDeadlineExceeded".equals(each.getReason()))
        .map(each -> each.getReason() + ": " + each.getMessage())
        .findFirst();
  }

  String display() {
    return serving + "/" + desired;
  }

  private static int orZero(Integer number) {
    return number == null ? 0 : number;
  }
}
