package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EtcdModel;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which etcd pod is next to start anew, because its template changed. One at a time, and only while
 * every member is well: etcd then loses one of them and never its majority. Pure.
 *
 * @param set as the API server tells
 * @param pods etcd's pods
 * @param restarted ids of pods that were deleted already and may still look alive
 */
record EtcdRollout(
    StatefulSet set, List<Pod> pods, EtcdFacts facts, MembershipStep step, Set<String> restarted) {
  private static final String REVISION = "controller-revision-hash";

  /** The pod to delete though it may serve, or nothing. No database may be looked after then. */
  Optional<Pod> next() {
    List<Pod> outdated = outdated();
    Optional<Pod> unready = outdated.stream().filter(pod -> !isReady(pod)).findFirst();
    if (unready.isPresent()) {
      return unready.filter(pod -> isAlone(pod) || nobodyServes());
    }
    return isWhole() ? outdated.stream().findFirst() : Optional.empty();
  }

  /**
   * The pod to delete because its etcd does not run, or nothing. It serves nobody; so a template
   * that does not work can be taken back whatever the others do.
   */
  Optional<Pod> broken() {
    return outdated().stream().filter(EtcdRollout::isBroken).findFirst();
  }

  /** Whether a pod goes or is about to. */
  boolean isUnderWay() {
    return pods.stream().anyMatch(this::isLeaving) || next().isPresent();
  }

  private List<Pod> outdated() {
    StatefulSetStatus status = set.getStatus();
    if (status == null
        || status.getUpdateRevision() == null
        || status.getObservedGeneration() == null
        || status.getObservedGeneration() < set.getMetadata().getGeneration()
        || pods.stream().anyMatch(this::isLeaving)) {
      return List.of();
    }
    return pods.stream()
        .filter(
            pod -> !status.getUpdateRevision().equals(pod.getMetadata().getLabels().get(REVISION)))
        .sorted(order())
        .toList();
  }

  /** Whether etcd does without this unready member, and without no other. */
  private boolean isAlone(Pod unready) {
    return facts.available()
        && pods.size() == set.getSpec().getReplicas()
        && pods.stream()
            .filter(pod -> pod != unready)
            .allMatch(
                pod -> isReady(pod) && facts.servingNames().contains(pod.getMetadata().getName()));
  }

  /**
   * Whether all members run and none of them serves, as with authorities that do not know each
   * other: waiting would not mend it.
   */
  private boolean nobodyServes() {
    return !facts.available()
        && pods.size() == set.getSpec().getReplicas()
        && pods.stream().noneMatch(pod -> isReady(pod) || isBroken(pod));
  }

  /** Whether all members run, and started with these authorities. */
  boolean everyMemberStartedWith(String trustId) {
    return isWhole()
        && pods.stream()
            .map(pod -> pod.getMetadata().getAnnotations())
            .allMatch(all -> trustId.equals(all.get(EtcdModel.TRUST_ANNOTATION)));
  }

  /** Whether all members serve and none is to be started anew. */
  boolean isSettled() {
    return isWhole() && !isUnderWay();
  }

  private boolean isWhole() {
    int wanted = set.getSpec().getReplicas();
    return step instanceof MembershipStep.Nothing
        && facts.available()
        && facts.leader().isPresent()
        && facts.servingNames().size() == wanted
        && pods.size() == wanted
        && pods.stream().allMatch(pod -> isReady(pod) && !isLeaving(pod));
  }

  private boolean isLeaving(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null
        || restarted.contains(pod.getMetadata().getUid());
  }

  /** The leader last, so that it changes once; else from the highest number down. */
  private Comparator<Pod> order() {
    String leader = facts.leader().orElse("");
    return Comparator.<Pod, Boolean>comparing(pod -> leader.equals(pod.getMetadata().getName()))
        .thenComparing(pod -> -Membership.ordinal(pod.getMetadata().getName()));
  }

  /** Whether no etcd runs in it. */
  private static boolean isBroken(Pod pod) {
    PodStatus status = pod.getStatus();
    return status == null
        || "Pending".equals(status.getPhase())
        || status.getContainerStatuses().stream()
            .map(ContainerStatus::getState)
            .anyMatch(state ->
                state != null && (state.getWaiting() != null || state.getTerminated() != null));
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }
}
