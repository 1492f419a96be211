package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.nullIfZero;
import static io.aetherflow.local.controllers.Numbers.orZero;

import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Runs StatefulSets; {@link SetPass} has the rules. */
final class StatefulSets implements Reconciler {
  private final Context context;
  private final SetRevisions revisions;
  private final SetClaims claims;

  StatefulSets(Context context) {
    this.context = context;
    this.revisions = new SetRevisions(context);
    this.claims = new SetClaims(context);
    context
        .api()
        .watch(
            StatefulSet.class,
            s -> enqueue(s.getMetadata().getNamespace(), s.getMetadata().getName()));
    context.api().watch(Pod.class, this::podChanged);
    context.api().watch(PersistentVolumeClaim.class, this::claimChanged);
    context.api().watch(ControllerRevision.class, revision -> {});
  }

  private WorkQueue.Key key(String namespace, String name) {
    return new WorkQueue.Key(this, namespace, name);
  }

  private void enqueue(String namespace, String name) {
    context.queue().add(key(namespace, name));
  }

  private void podChanged(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    OwnerRefs.controllerName(pod, "StatefulSet").ifPresent(name -> enqueue(namespace, name));
    if (OwnerRefs.controller(pod).isEmpty()) {
      enqueueAll(namespace);
    }
  }

  /** A claim that was in the way may be gone now. */
  private void claimChanged(PersistentVolumeClaim claim) {
    if (claim.getMetadata().getDeletionTimestamp() != null) {
      enqueueAll(claim.getMetadata().getNamespace());
    }
  }

  private void enqueueAll(String namespace) {
    context
        .api()
        .list(StatefulSet.class, namespace)
        .forEach(set -> enqueue(namespace, set.getMetadata().getName()));
  }

  @Override
  public void reconcile(String namespace, String name) {
    StatefulSet set = context.api().find(StatefulSet.class, namespace, name).orElse(null);
    if (set == null || set.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    SetRevisions.Pair pair = revisions.sync(set);
    ApiException failure = null;
    try {
      new SetPass(context, claims, set, pair, pods(set)).run();
    } catch (ApiException e) {
      failure = e;
    }
    List<Pod> pods = pods(set);
    writeStatus(set, pair, pods);
    revisions.truncate(set, pair, pods);
    if (failure != null && failure.code() != 403) {
      throw failure;
    }
  }

  private List<Pod> pods(StatefulSet set) {
    SetPods names = new SetPods(set);
    List<Pod> named =
        new ArrayList<>(context.api().list(Pod.class, set.getMetadata().getNamespace()));
    named.removeIf(pod -> names.ordinal(pod) < 0);
    return OwnerRefs.claim(context.api(), set, set.getSpec().getSelector(), named, pod -> true);
  }

  private void writeStatus(StatefulSet set, SetRevisions.Pair pair, List<Pod> pods) {
    StatefulSetStatus status = counts(set, pair, pods);
    boolean complete =
        new SetPods(set).rolls()
            && orZero(status.getUpdatedReplicas()) == status.getReplicas()
            && orZero(status.getReadyReplicas()) == status.getReplicas()
            && status.getReplicas().equals(set.getSpec().getReplicas());
    if (complete) {
      status.setCurrentRevision(status.getUpdateRevision());
      status.setCurrentReplicas(status.getUpdatedReplicas());
    }
    if (!status.equals(set.getStatus())) {
      context.api().replaceStatus(new StatefulSetBuilder(set).withStatus(status).build());
    }
  }

  private StatefulSetStatus counts(StatefulSet set, SetRevisions.Pair pair, List<Pod> pods) {
    Instant now = context.now();
    int ready = 0;
    int available = 0;
    int current = 0;
    int updated = 0;
    for (Pod pod : pods) {
      if (PodStates.isRunningAndReady(pod)) {
        ready++;
        Duration left = PodStates.untilAvailable(pod, set.getSpec().getMinReadySeconds(), now);
        if (left.isPositive()) {
          String namespace = set.getMetadata().getNamespace();
          context.queue().addAfter(key(namespace, set.getMetadata().getName()), left);
        } else {
          available++;
        }
      }
      if (!PodStates.isTerminating(pod)) {
        current += SetRevisions.of(pod).equals(pair.currentName()) ? 1 : 0;
        updated += SetRevisions.of(pod).equals(pair.updateName()) ? 1 : 0;
      }
    }
    return new StatefulSetStatusBuilder()
        .withObservedGeneration(set.getMetadata().getGeneration())
        .withReplicas(pods.size())
        .withReadyReplicas(nullIfZero(ready))
        .withAvailableReplicas(available)
        .withCurrentReplicas(nullIfZero(current))
        .withUpdatedReplicas(nullIfZero(updated))
        .withCurrentRevision(pair.currentName())
        .withUpdateRevision(pair.updateName())
        .withCollisionCount(pair.collisions())
        .build();
  }
}
