package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether a change of a pod is news to its cluster. A pod's start alone is four changes, of which
 * two say something. Pure.
 */
final class PodNews {
  private PodNews() {}

  static boolean isNews(Pod now, Pod before) {
    return !told(now).equals(told(before));
  }

  /** All that anybody here reads of a pod, but its name. */
  private static List<Object> told(Pod pod) {
    PodStatus status = Optional.ofNullable(pod.getStatus()).orElseGet(PodStatus::new);
    return Arrays.asList(
        pod.getMetadata().getUid(),
        pod.getMetadata().getDeletionTimestamp(),
        pod.getMetadata().getLabels(),
        pod.getMetadata().getAnnotations(),
        status.getPhase(),
        status.getContainerStatuses(),
        status.getConditions().stream().filter(PodNews::isRead).map(PodNews::text).toList());
  }

  private static boolean isRead(PodCondition condition) {
    return condition.getType().equals("Ready")
        || condition.getType().equals("PodScheduled") && condition.getStatus().equals("False");
  }

  private static List<String> text(PodCondition condition) {
    return Arrays.asList(
        condition.getType(), condition.getStatus(), condition.getReason(), condition.getMessage());
  }
}
