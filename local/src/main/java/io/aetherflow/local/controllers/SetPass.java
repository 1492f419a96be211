package io.aetherflow.local.controllers;

import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One pass over a StatefulSet's pods. Like Kubernetes' controller, except that a rollout that broke
 * can be reverted or corrected without deleting pods by hand: outdated pods that do not serve are
 * replaced first.
 */
final class SetPass {
  private final Context context;
  private final SetClaims claims;
  private final StatefulSet set;
  private final SetPods names;
  private final SetRevisions.Pair revisions;
  private final List<Pod> all;
  private final Map<Integer, Pod> pods;

  SetPass(
      Context context,
      SetClaims claims,
      StatefulSet set,
      SetRevisions.Pair revisions,
      List<Pod> all) {
    this.context = context;
    this.claims = claims;
    this.set = set;
    this.names = new SetPods(set);
    this.revisions = revisions;
    this.all = all;
    this.pods = names.wanted(all);
  }

  void run() {
    if (names.rolls()) {
      replaceHopeless();
    }
    if (!fill() || !shrink() || !names.rolls()) {
      return;
    }
    rollOne();
  }

  private boolean isReady(Pod pod) {
    return PodStates.isRunningAndReady(pod)
        && PodStates.isAvailable(pod, set.getSpec().getMinReadySeconds(), context.now());
  }

  private boolean isOutdated(int ordinal, Pod pod) {
    return ordinal >= names.partition() && !SetRevisions.of(pod).equals(revisions.updateName());
  }

  /** Pods of an abandoned rollout, and outdated ones that do not even run: waiting cannot help. */
  private void replaceHopeless() {
    for (Map.Entry<Integer, Pod> entry : pods.entrySet()) {
      Pod pod = entry.getValue();
      boolean abandoned = !SetRevisions.of(pod).equals(revisions.currentName());
      if (isOutdated(entry.getKey(), pod)
          && PodStates.isActive(pod)
          && !isReady(pod)
          && (abandoned || PodStates.isBroken(pod))) {
        entry.setValue(delete(pod).orElse(null));
      }
    }
    pods.values().removeIf(java.util.Objects::isNull);
  }

  /** Creates what is missing; false when the order says to wait. */
  private boolean fill() {
    for (int ordinal = names.first(); ordinal < names.end(); ordinal++) {
      Pod pod = pods.get(ordinal);
      if (pod != null && PodStates.isFinished(pod) && !PodStates.isTerminating(pod)) {
        context
            .events()
            .warning(
                set,
                "RecreatingFailedPod",
                "StatefulSet is recreating failed Pod " + pod.getMetadata().getName());
        pod = delete(pod).orElse(null);
      }
      if (pod == null) {
        create(ordinal);
      } else {
        claims.retain(set, pod.getMetadata().getName(), null);
      }
      if (names.ordered() && (pod == null || !isReady(pod) || PodStates.isTerminating(pod))) {
        if (pod != null) {
          replaceUnready(ordinal, pod);
        }
        return false;
      }
    }
    return true;
  }

  /** An outdated pod that runs but does not serve is the next to update, if none is under way. */
  private void replaceUnready(int ordinal, Pod pod) {
    boolean due = names.rolls() && isOutdated(ordinal, pod) && PodStates.isActive(pod);
    if (due && !isUpdating()) {
      delete(pod);
    }
  }

  private boolean isUpdating() {
    return pods.entrySet().stream()
        .anyMatch(entry ->
            PodStates.isTerminating(entry.getValue())
                || !isOutdated(entry.getKey(), entry.getValue()) && !isReady(entry.getValue()));
  }

  private void create(int ordinal) {
    String name = names.name(ordinal);
    if (!claims.ensure(set, name)) {
      return;
    }
    ControllerRevision revision = names.revision(ordinal, revisions);
    try {
      context.api().create(names.make(ordinal, revision));
    } catch (ApiException e) {
      if (e.code() != 409 && e.code() != 403) {
        String failed = "create Pod " + name + " in StatefulSet failed error: " + e.getMessage();
        context.events().warning(set, "FailedCreate", failed);
      }
      throw e;
    }
    claims.retain(set, name, null);
    context
        .events()
        .normal(
            set,
            "SuccessfulCreate",
            "create Pod "
                + name
                + " in StatefulSet "
                + set.getMetadata().getName()
                + " successful");
  }

  /** Deletes pods beyond the wanted number; false while one is still going and order counts. */
  private boolean shrink() {
    List<Pod> condemned = names.condemned(all);
    if (names.ordered() && condemned.stream().anyMatch(PodStates::isTerminating)) {
      return false;
    }
    for (Pod pod : condemned) {
      if (PodStates.isTerminating(pod)) {
        continue;
      }
      claims.retain(set, pod.getMetadata().getName(), pod);
      delete(pod);
      if (names.ordered()) {
        return false;
      }
    }
    return true;
  }

  /** Replaces one outdated pod when every updated one serves: unready ones first, then highest. */
  private void rollOne() {
    if (pods.size() < set.getSpec().getReplicas() || isUpdating()) {
      return;
    }
    List<Map.Entry<Integer, Pod>> outdated = new ArrayList<>(pods.entrySet());
    outdated.removeIf(entry -> !isOutdated(entry.getKey(), entry.getValue()));
    outdated.stream()
        .min(
            Comparator.comparing((Map.Entry<Integer, Pod> entry) -> isReady(entry.getValue()))
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
        .ifPresent(entry -> delete(entry.getValue()));
  }

  /** The pod while it ends, or empty when it went at once. */
  private Optional<Pod> delete(Pod pod) {
    String name = pod.getMetadata().getName();
    context.api().delete(pod);
    context
        .events()
        .normal(
            set,
            "SuccessfulDelete",
            "delete Pod "
                + name
                + " in StatefulSet "
                + set.getMetadata().getName()
                + " successful");
    return context.api().find(Pod.class, pod.getMetadata().getNamespace(), name);
  }
}
