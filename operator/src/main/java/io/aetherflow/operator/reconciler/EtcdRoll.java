package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.etcd.MembershipStep;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which etcd pod is to start anew because its template is not the current one. Pods that do not run
 * anyway come first, so that a template that broke can be reverted; of the others one at a time,
 * the leader last, and only while all members are well. Pure.
 */
final class EtcdRoll {
  private static final String REVISION = "controller-revision-hash";

  private EtcdRoll() {}

  /**
   * @param pods the set's pods
   * @param step what is being done about the members
   */
  static Optional<Pod> next(StatefulSet set, List<Pod> pods, EtcdFacts facts, MembershipStep step) {
    StatefulSetStatus status = set.getStatus();
    boolean known =
        status != null
            && status.getUpdateRevision() != null
            && status.getObservedGeneration() != null
            && status.getObservedGeneration() >= set.getMetadata().getGeneration();
    boolean moving =
        pods.size() != set.getSpec().getReplicas()
            || pods.stream().anyMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null);
    if (!known || moving) {
      return Optional.empty();
    }
    List<Pod> outdated =
        pods.stream()
            .filter(pod ->
                !status.getUpdateRevision().equals(pod.getMetadata().getLabels().get(REVISION)))
            .sorted(Comparator.comparingInt(EtcdRoll::ordinal).reversed())
            .toList();
    Optional<Pod> down = outdated.stream().filter(pod -> !TuningProgress.isReady(pod)).findFirst();
    if (down.isPresent() || !allWell(pods, facts, step)) {
      return down;
    }
    return outdated.stream()
        .min(Comparator.comparing(pod -> facts.leader().filter(name(pod)::equals).isPresent()));
  }

  /** A pod is ready only when its member has a leader, also if the facts are from before. */
  private static boolean allWell(List<Pod> pods, EtcdFacts facts, MembershipStep step) {
    Set<String> healthy = facts.healthyNames();
    return step instanceof MembershipStep.Nothing
        && facts.available()
        && pods.stream()
            .allMatch(pod -> TuningProgress.isReady(pod) && healthy.contains(name(pod)));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }

  private static int ordinal(Pod pod) {
    return Membership.ordinal(name(pod));
  }
}
