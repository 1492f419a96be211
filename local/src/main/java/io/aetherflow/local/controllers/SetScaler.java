package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Family.available;
import static io.aetherflow.local.controllers.Family.replicas;

import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes the sizes of a Deployment's ReplicaSets. */
final class SetScaler {
  static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
  static final String MAX = "deployment.kubernetes.io/max-replicas";

  private final Context context;

  SetScaler(Context context) {
    this.context = context;
  }

  /** Sets the size; true when it changed. Also notes the Deployment's size on the set. */
  boolean scale(Family family, ReplicaSet set, int size) {
    int before = replicas(set);
    Map<String, String> annotations = Templates.mutable(set.getMetadata().getAnnotations());
    annotations.putAll(sizes(family));
    boolean noted = annotations.equals(set.getMetadata().getAnnotations());
    if (before == size && noted) {
      return false;
    }
    ReplicaSet next = Api.copy(set);
    next.getMetadata().setAnnotations(annotations);
    next.getSpec().setReplicas(size);
    family.update(context.api().replace(next));
    if (before != size) {
      announce(family, set, before, size);
    }
    return before != size;
  }

  private void announce(Family family, ReplicaSet set, int before, int size) {
    String message =
        "Scaled "
            + (size > before ? "up" : "down")
            + " replica set "
            + set.getMetadata().getName()
            + " from "
            + before
            + " to "
            + size;
    context.events().normal(family.deployment(), "ScalingReplicaSet", message);
  }

  static Map<String, String> sizes(Family family) {
    return Map.of(
        DESIRED, Integer.toString(family.desired()),
        MAX, Integer.toString(family.desired() + family.maxSurge()));
  }

  /** The Deployment's own size changed since its sets were last scaled. */
  static boolean isDue(Family family) {
    String desired = Integer.toString(family.desired());
    return family.active().stream()
        .map(set -> Templates.mutable(set.getMetadata().getAnnotations()).get(DESIRED))
        .anyMatch(noted -> noted != null && !noted.equals(desired));
  }

  /** Follows a change of the Deployment's size, in proportion when a rollout is under way. */
  void follow(Family family) {
    List<ReplicaSet> active = family.active();
    if (active.size() <= 1) {
      ReplicaSet only =
          active.isEmpty() ? family.fresh().orElseGet(() -> newest(family)) : active.getFirst();
      if (only != null) {
        scale(family, only, family.desired());
      }
    } else if (family.fresh().filter(set -> isSaturated(family, set)).isPresent()) {
      family.old().forEach(set -> scale(family, set, 0));
    } else if (family.rolling()) {
      proportional(family, active);
    }
  }

  private static ReplicaSet newest(Family family) {
    return family.old().isEmpty() ? null : family.old().getLast();
  }

  private static boolean isSaturated(Family family, ReplicaSet fresh) {
    return replicas(fresh) == family.desired() && available(fresh) == family.desired();
  }

  private void proportional(Family family, List<ReplicaSet> active) {
    int allowed = family.desired() > 0 ? family.desired() + family.maxSurge() : 0;
    int toAdd = allowed - Family.total(active);
    List<ReplicaSet> bySize = new ArrayList<>(active);
    // Ties: the newer set grows first, the older shrinks first.
    Comparator<ReplicaSet> age = Comparator.comparingInt(active::indexOf);
    bySize.sort(
        Comparator.comparingInt(Family::replicas)
            .reversed()
            .thenComparing(toAdd > 0 ? age.reversed() : age));
    Map<ReplicaSet, Integer> sizes = new LinkedHashMap<>();
    int added = 0;
    for (ReplicaSet set : bySize) {
      int share = share(family, set, toAdd - added);
      added += share;
      sizes.put(set, replicas(set) + share);
    }
    int rest = toAdd - added;
    boolean first = true;
    for (Map.Entry<ReplicaSet, Integer> entry : sizes.entrySet()) {
      scale(family, entry.getKey(), Math.max(0, entry.getValue() + (first ? rest : 0)));
      first = false;
    }
  }

  private static int share(Family family, ReplicaSet set, int left) {
    if (left == 0) {
      return 0;
    }
    int fraction;
    if (family.desired() == 0) {
      fraction = -replicas(set);
    } else {
      int now = family.desired() + family.maxSurge();
      String noted = Templates.mutable(set.getMetadata().getAnnotations()).get(MAX);
      int before = Math.max(1, Numbers.parseOr(noted, now));
      fraction = (int) Math.round((double) replicas(set) * now / before) - replicas(set);
    }
    return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
  }
}
