package io.aetherflow.operator.reconciler;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which pods do not know a new authority of etcd yet. It must not sign before all do: a pod that
 * has not read it refuses etcd's next certificate. Members say it by an annotation of their pod,
 * for they read the file once, when they start. Pods with AetherFlow's runtime tell in etcd what
 * their mounted file says. Of others nothing is known but that kubelets deliver in time. Pure.
 *
 * @param rollout of the members, absent while there is no StatefulSet
 * @param pods all pods of the cluster
 */
record TrustSpread(Optional<EtcdRollout> rollout, List<Pod> pods, EtcdFacts facts, Instant now) {

  /**
   * What a kubelet needs to bring a changed Secret to its pods: one period of a minute, the age of
   * its cache, and as much again several times over for a node that is busy.
   */
  static final Duration DELIVERY = Duration.ofMinutes(5);

  /** Caps the status. */
  private static final int LISTED_MAX = 5;

  /**
   * Whom the authority waits for; nobody when it may sign.
   *
   * @param trustId names the newest authority
   * @param madeAt when it was made, at which its Secret was written
   */
  List<String> waitsFor(String trustId, Instant madeAt) {
    List<String> waiting = new ArrayList<>();
    if (rollout.filter(each -> each.everyMemberStartedWith(trustId)).isEmpty()) {
      waiting.add("etcd's members");
    }
    pods.stream()
        .filter(pod -> isWaitedFor(pod) && pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> !knows(pod, trustId, madeAt))
        .map(pod -> pod.getMetadata().getName())
        .sorted()
        .limit(LISTED_MAX)
        .forEach(waiting::add);
    return List.copyOf(waiting);
  }

  private boolean knows(Pod pod, String trustId, Instant madeAt) {
    Map<String, AppliedTuning> applied =
        facts.store().map(EtcdFacts.Stored::applied).orElse(Map.of());
    Optional<String> told =
        Optional.ofNullable(applied.get(pod.getMetadata().getName()))
            .filter(own -> pod.getMetadata().getUid().equals(own.podUid()))
            .map(AppliedTuning::etcdTrust)
            .filter(trust -> !trust.isEmpty());
    if (told.isPresent() && TuningProgress.isReady(pod)) {
      return told.get().equals(trustId);
    }
    // It tells nothing, or does not run and will start with what the Secret says then.
    return startedAfter(pod, madeAt) || !now.isBefore(madeAt.plus(DELIVERY));
  }

  private static boolean startedAfter(Pod pod, Instant madeAt) {
    String created = pod.getMetadata().getCreationTimestamp();
    return created != null && Instant.parse(created).isAfter(madeAt);
  }

  /** Members say what they know by their annotation; monitoring meets no certificate of etcd. */
  private static boolean isWaitedFor(Pod pod) {
    return !Names.ETCD.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT))
        && MonitoringHealth.isWatched(pod);
  }
}
