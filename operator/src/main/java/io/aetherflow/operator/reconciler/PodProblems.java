package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds pods that will not run without somebody's help. Pure. */
final class PodProblems {
  private static final Set<String> HOPELESS =
      Set.of(
          "ErrImagePull",
          "ImagePullBackOff",
          "InvalidImageName",
          "ErrImageNeverPull",
          "CrashLoopBackOff",
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError");

  private PodProblems() {}

  /** The problem of the first such pod by name, so that the status does not flicker. */
  static Optional<Verdict> first(List<Pod> pods) {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .flatMap(pod -> problem(pod).stream())
        .findFirst();
  }

  private static Optional<Verdict> problem(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
      ContainerStateWaiting waiting =
          container.getState() == null ? null : container.getState().getWaiting();
      if (waiting != null && HOPELESS.contains(waiting.getReason())) {
        return Optional.of(
            Verdict.yes(
                reason(waiting.getReason()),
                "pod "
                    + pod.getMetadata().getName()
                    + ", image "
                    + container.getImage()
                    + ": "
                    + explanation(waiting)));
      }
    }
    return unschedulable(pod);
  }

  /** The two alternate while the kubelet retries; the status should not alternate with them. */
  private static String reason(String kubeletReason) {
    return kubeletReason.equals("ImagePullBackOff") ? "ErrImagePull" : kubeletReason;
  }

  private static String explanation(ContainerStateWaiting waiting) {
    return switch (reason(waiting.getReason())) {
      case "ErrImagePull", "InvalidImageName", "ErrImageNeverPull" ->
          "the image cannot be pulled; correct its name or the imagePullSecrets";
      case "CrashLoopBackOff" -> "the program ends again and again; its log says why";
      default ->
          waiting.getReason() + (waiting.getMessage() == null ? "" : ": " + waiting.getMessage());
    };
  }

  private static Optional<Verdict> unschedulable(Pod pod) {
    for (PodCondition condition : pod.getStatus().getConditions()) {
      if ("PodScheduled".equals(condition.getType())
          && "False".equals(condition.getStatus())
          && "Unschedulable".equals(condition.getReason())) {
        return Optional.of(
            Verdict.yes(
                "Unschedulable",
                "pod " + pod.getMetadata().getName() + ": " + condition.getMessage()));
      }
    }
    return Optional.empty();
  }
}
