package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a pod's status says, as Kubernetes' controllers read it. */
final class PodStates {
  private static final Set<String> STARTING = Set.of("ContainerCreating", "PodInitializing");

  private PodStates() {}

  static String phase(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return phase == null ? "" : phase;
  }

  static boolean isTerminating(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null;
  }

  /** Ended for good: its containers will not run again. */
  static boolean isFinished(Pod pod) {
    return phase(pod).equals("Failed") || phase(pod).equals("Succeeded");
  }

  static boolean isActive(Pod pod) {
    return !isFinished(pod) && !isTerminating(pod);
  }

  static Optional<PodCondition> condition(Pod pod, String type) {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getConditions().stream()
            .filter(condition -> condition.getType().equals(type))
            .findFirst();
  }

  static boolean isReady(Pod pod) {
    return condition(pod, "Ready").filter(c -> "True".equals(c.getStatus())).isPresent();
  }

  static boolean isRunningAndReady(Pod pod) {
    return phase(pod).equals("Running") && isReady(pod);
  }

  /** Since when the Ready condition is as it is; the creation when it says nothing. */
  static Instant readySince(Pod pod) {
    String time =
        condition(pod, "Ready")
            .map(PodCondition::getLastTransitionTime)
            .orElse(pod.getMetadata().getCreationTimestamp());
    return Instant.parse(time);
  }

  /** How long a ready pod must stay so until it is available; zero or less when it is. */
  static Duration untilAvailable(Pod pod, Integer minReadySeconds, Instant now) {
    return minReadySeconds == null || minReadySeconds == 0
        ? Duration.ZERO
        : Duration.between(now, readySince(pod).plusSeconds(minReadySeconds));
  }

  static boolean isAvailable(Pod pod, Integer minReadySeconds, Instant now) {
    return isReady(pod) && !untilAvailable(pod, minReadySeconds, now).isPositive();
  }

  static int restarts(Pod pod) {
    return pod.getStatus() == null
        ? 0
        : pod.getStatus().getContainerStatuses().stream()
            .mapToInt(c -> c.getRestartCount() == null ? 0 : c.getRestartCount())
            .sum();
  }

  /** It does not run, and waiting rarely helps: not started yet, or a container is held back. */
  static boolean isBroken(Pod pod) {
    return phase(pod).equals("Pending")
        || pod.getStatus() != null
            && pod.getStatus().getContainerStatuses().stream().anyMatch(PodStates::heldBack);
  }

  private static boolean heldBack(ContainerStatus container) {
    String reason =
        container.getState() == null || container.getState().getWaiting() == null
            ? null
            : container.getState().getWaiting().getReason();
    return reason != null && !STARTING.contains(reason);
  }
}
