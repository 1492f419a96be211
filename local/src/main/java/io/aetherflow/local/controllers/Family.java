package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.orZero;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDeployment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A Deployment and its ReplicaSets during one pass: the fresh one, whose template is the
 * Deployment's, and the old ones from the oldest to the newest. Not thread-safe.
 */
final class Family {
  private Deployment deployment;
  private ReplicaSet fresh;
  private final List<ReplicaSet> old = new ArrayList<>();

  Family(Deployment deployment, List<ReplicaSet> sets) {
    this.deployment = deployment;
    List<ReplicaSet> byAge = new ArrayList<>(sets);
    byAge.sort(
        Comparator.comparing((ReplicaSet set) -> set.getMetadata().getCreationTimestamp())
            .thenComparing(set -> set.getMetadata().getName()));
    for (ReplicaSet set : byAge) {
      if (fresh == null && sameTemplate(set)) {
        fresh = set;
      } else {
        old.add(set);
      }
    }
  }

  private boolean sameTemplate(ReplicaSet set) {
    return plain(set.getSpec().getTemplate()).equals(plain(deployment.getSpec().getTemplate()));
  }

  private static PodTemplateSpec plain(PodTemplateSpec template) {
    return new PodTemplateSpecBuilder(template)
        .editMetadata()
        .removeFromLabels(Templates.POD_HASH)
        .endMetadata()
        .build();
  }

  Deployment deployment() {
    return deployment;
  }

  void deployment(Deployment next) {
    deployment = next;
  }

  Optional<ReplicaSet> fresh() {
    return Optional.ofNullable(fresh);
  }

  List<ReplicaSet> old() {
    return List.copyOf(old);
  }

  List<ReplicaSet> all() {
    List<ReplicaSet> all = new ArrayList<>(old);
    fresh().ifPresent(all::add);
    return all;
  }

  List<ReplicaSet> active() {
    return all().stream().filter(set -> replicas(set) > 0).toList();
  }

  /** Takes the set's new state, or a new fresh set. */
  void update(ReplicaSet set) {
    for (int i = 0; i < old.size(); i++) {
      if (old.get(i).getMetadata().getUid().equals(set.getMetadata().getUid())) {
        old.set(i, set);
        return;
      }
    }
    fresh = set;
  }

  int desired() {
    return deployment.getSpec().getReplicas();
  }

  boolean rolling() {
    return !"Recreate".equals(deployment.getSpec().getStrategy().getType());
  }

  private Optional<RollingUpdateDeployment> limits() {
    return rolling()
        ? Optional.ofNullable(deployment.getSpec().getStrategy().getRollingUpdate())
        : Optional.empty();
  }

  int maxSurge() {
    return limits().map(l -> Numbers.resolve(l.getMaxSurge(), desired(), true)).orElse(0);
  }

  /** At least 1 when there is no surge, so that a rollout can move. */
  int maxUnavailable() {
    if (limits().isEmpty()) {
      return 0;
    }
    int wanted = Numbers.resolve(limits().get().getMaxUnavailable(), desired(), false);
    int allowed = Math.min(wanted, desired());
    return allowed == 0 && maxSurge() == 0 ? 1 : allowed;
  }

  static int replicas(ReplicaSet set) {
    return set.getSpec().getReplicas();
  }

  /** Not more than asked for: right after a scaling down the status still counts the others. */
  static int available(ReplicaSet set) {
    int counted = set.getStatus() == null ? 0 : orZero(set.getStatus().getAvailableReplicas());
    return Math.min(counted, replicas(set));
  }

  static int total(List<ReplicaSet> sets) {
    return sets.stream().mapToInt(Family::replicas).sum();
  }
}
