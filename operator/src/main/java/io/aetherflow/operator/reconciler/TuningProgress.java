package io.aetherflow.operator.reconciler;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Workload;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which live pods have confirmed the published tuning. Pure.
 *
 * @param published whether the wanted tuning is what etcd holds
 * @param revision revision in etcd, 0 when there is none
 * @param pending names of live pods that have not confirmed it
 * @param rejected what live pods refused
 */
record TuningProgress(
    boolean published, long revision, int total, List<String> pending, List<String> rejected) {

  /** Caps the status; the counts stay exact. */
  private static final int LISTED_MAX = 10;

  static TuningProgress of(Observed observed) {
    Optional<EtcdFacts.Stored> stored = observed.etcd().store();
    boolean published =
        stored.map(s -> s.publishes(observed.spec().tuning().entries())).orElse(false);
    long revision = stored.map(EtcdFacts.Stored::revision).orElse(0L);
    Map<String, AppliedTuning> applied = stored.map(EtcdFacts.Stored::applied).orElse(Map.of());
    List<String> pending = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    List<Pod> live = live(observed);
    for (Pod pod : live) {
      String name = pod.getMetadata().getName();
      // A key outlives a killed pod by its lease; the UID tells the dead pod's from this one's.
      AppliedTuning own = applied.get(name);
      if (own == null || !pod.getMetadata().getUid().equals(own.podUid())) {
        pending.add(name);
        continue;
      }
      if (own.revision() != revision || revision == 0) {
        pending.add(name);
      }
      new TreeMap<>(own.rejected())
          .forEach((key, why) -> rejected.add(name + " " + key + ": " + why));
    }
    return new TuningProgress(
        published, revision, live.size(), List.copyOf(pending), List.copyOf(rejected));
  }

  private static List<Pod> live(Observed observed) {
    Set<String> tuned =
        observed.spec().workloads().stream()
            .filter(Workload::tuned)
            .map(Workload::component)
            .collect(Collectors.toSet());
    return observed.pods().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> tuned.contains(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .filter(TuningProgress::isReady)
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .toList();
  }

  static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  int applied() {
    return total - pending.size();
  }

  List<String> listedPending() {
    return pending.stream().limit(LISTED_MAX).toList();
  }

  List<String> listedRejected() {
    return rejected.stream().limit(LISTED_MAX).toList();
  }

  Verdict verdict(boolean etcdAvailable, boolean paused) {
    if (!etcdAvailable) {
      return Verdict.unknown("EtcdUnavailable", "etcd does not answer, so nothing is confirmed");
    }
    if (!rejected.isEmpty()) {
      return Verdict.no("Rejected", "refused by " + rejected.getFirst());
    }
    if (!published) {
      return paused
          ? Verdict.no("Paused", "the cluster is paused; the tuning is not published")
          : Verdict.no("Publishing", "the tuning is being written to etcd");
    }
    if (total == 0) {
      return Verdict.no("NoLivePods", "no pod is ready, so none can confirm the tuning");
    }
    if (!pending.isEmpty()) {
      return Verdict.no(
          "WaitingForPods",
          applied()
              + " of "
              + total
              + " pods run revision "
              + revision
              + "; waiting for "
              + String.join(", ", listedPending()));
    }
    return Verdict.yes(
        "AllPodsConfirmed", total + " of " + total + " pods run revision " + revision);
  }
}
