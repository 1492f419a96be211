package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Family.available;
import static io.aetherflow.local.controllers.Family.replicas;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;

/** One step of a rollout: new pods within the surge, old ones away within the unavailability. */
final class Rollouts {
  private final Context context;
  private final SetScaler scaler;

  Rollouts(Context context, SetScaler scaler) {
    this.context = context;
    this.scaler = scaler;
  }

  /** How large the fresh set may be now. */
  static int freshSize(Family family) {
    int size = family.fresh().map(Family::replicas).orElse(0);
    if (!family.rolling() || size >= family.desired()) {
      return family.desired();
    }
    int room = family.desired() + family.maxSurge() - Family.total(family.all());
    return size + Math.max(0, Math.min(room, family.desired() - size));
  }

  /** The family has its fresh set. */
  void rolling(Family family) {
    ReplicaSet fresh = family.fresh().orElseThrow();
    if (!scaler.scale(family, fresh, freshSize(family))) {
      shrinkOld(family);
    }
  }

  private void shrinkOld(Family family) {
    ReplicaSet fresh = family.fresh().orElseThrow();
    int floor = family.desired() - family.maxUnavailable();
    int freshMissing = replicas(fresh) - available(fresh);
    int removable = Family.total(family.all()) - floor - freshMissing;
    // Pods that do not serve anyway go first.
    for (ReplicaSet set : family.old()) {
      int gone = Math.max(0, Math.min(removable, replicas(set) - available(set)));
      removable -= gone;
      if (gone > 0) {
        scaler.scale(family, set, replicas(set) - gone);
      }
    }
    int serving = family.all().stream().mapToInt(Family::available).sum();
    int spare = Math.min(serving - floor, removable);
    for (ReplicaSet set : family.old()) {
      int gone = Math.max(0, Math.min(spare, replicas(set)));
      spare -= gone;
      if (gone > 0) {
        scaler.scale(family, set, replicas(set) - gone);
      }
    }
  }

  /** True when every pod of an older template is really gone. */
  boolean emptied(Family family) {
    boolean scaled = false;
    for (ReplicaSet set : family.old()) {
      scaled |= scaler.scale(family, set, 0);
    }
    return !scaled && family.old().stream().noneMatch(this::hasPods);
  }

  private boolean hasPods(ReplicaSet set) {
    return context.api().list(Pod.class, set.getMetadata().getNamespace()).stream()
        .anyMatch(pod -> OwnerRefs.controls(set, pod) && !PodStates.isFinished(pod));
  }
}
