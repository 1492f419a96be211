package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.nullIfZero;
import static io.aetherflow.local.controllers.Numbers.orZero;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Rolls Deployments out over ReplicaSets, after Kubernetes' deployment controller; kubectl's {@code
 * rollout} commands rely on the revisions, conditions and counts.
 */
final class Deployments implements Reconciler {
  private final Context context;
  private final SetScaler scaler;
  private final Rollouts rollouts;
  private final FreshSets freshSets;

  Deployments(Context context) {
    this.context = context;
    this.scaler = new SetScaler(context);
    this.rollouts = new Rollouts(context, scaler);
    this.freshSets = new FreshSets(context);
    context
        .api()
        .watch(
            Deployment.class,
            d -> enqueue(d.getMetadata().getNamespace(), d.getMetadata().getName()));
    context.api().watch(ReplicaSet.class, this::setChanged);
    context.api().watch(Pod.class, this::podChanged);
  }

  private WorkQueue.Key key(String namespace, String name) {
    return new WorkQueue.Key(this, namespace, name);
  }

  private void enqueue(String namespace, String name) {
    context.queue().add(key(namespace, name));
  }

  private void setChanged(ReplicaSet set) {
    String namespace = set.getMetadata().getNamespace();
    OwnerRefs.controllerName(set, "Deployment").ifPresent(name -> enqueue(namespace, name));
    if (OwnerRefs.controller(set).isEmpty()) {
      context
          .api()
          .list(Deployment.class, namespace)
          .forEach(d -> enqueue(namespace, d.getMetadata().getName()));
    }
  }

  /** Recreate waits for pods to be really gone, which no ReplicaSet's status shows. */
  private void podChanged(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    if (PodStates.isActive(pod)) {
      return;
    }
    OwnerRefs.controllerName(pod, "ReplicaSet")
        .flatMap(name -> context.api().find(ReplicaSet.class, namespace, name))
        .flatMap(set -> OwnerRefs.controllerName(set, "Deployment"))
        .ifPresent(name -> enqueue(namespace, name));
  }

  @Override
  public void reconcile(String namespace, String name) {
    Deployment deployment = context.api().find(Deployment.class, namespace, name).orElse(null);
    if (deployment == null) {
      return;
    }
    List<ReplicaSet> sets =
        OwnerRefs.claim(
            context.api(),
            deployment,
            deployment.getSpec().getSelector(),
            context.api().list(ReplicaSet.class, namespace),
            set -> true);
    Family family = new Family(deployment, sets);
    DeploymentConditions conditions = new DeploymentConditions(context, deployment);
    if (deployment.getMetadata().getDeletionTimestamp() != null) {
      writeStatus(family, conditions, false);
      return;
    }
    step(family, conditions);
  }

  private void step(Family family, DeploymentConditions conditions) {
    boolean paused = Boolean.TRUE.equals(family.deployment().getSpec().getPaused());
    if (family.deployment().getSpec().getProgressDeadlineSeconds() != null) {
      conditions.paused(paused);
    }
    if (paused || SetScaler.isDue(family)) {
      freshSets.renew(family);
      scaler.follow(family);
      if (paused) {
        cleanUp(family);
      }
      writeStatus(family, conditions, false);
      return;
    }
    boolean mayCreate = family.rolling() || rollouts.emptied(family);
    if (family.fresh().isPresent()) {
      freshSets.renew(family);
    } else if (mayCreate && !freshSets.create(family, conditions)) {
      return;
    }
    if (family.fresh().isPresent() && mayCreate) {
      if (family.rolling()) {
        rollouts.rolling(family);
      } else {
        scaler.scale(family, family.fresh().get(), family.desired());
      }
    }
    writeStatus(family, conditions, true);
  }

  private void writeStatus(Family family, DeploymentConditions conditions, boolean rollout) {
    Deployment deployment = family.deployment();
    DeploymentStatus next = counts(family);
    conditions.available(
        orZero(next.getAvailableReplicas()) >= family.desired() - family.maxUnavailable());
    if (deployment.getSpec().getProgressDeadlineSeconds() == null) {
      conditions.remove(DeploymentConditions.PROGRESSING);
    } else if (rollout) {
      String subject =
          family
              .fresh()
              .map(set -> "ReplicaSet \"" + set.getMetadata().getName() + "\"")
              .orElse("Deployment \"" + deployment.getMetadata().getName() + "\"");
      conditions.progress(deployment, next, subject);
    }
    failures(family, conditions);
    next.setConditions(conditions.list());
    if (!next.equals(deployment.getStatus())) {
      context.api().replaceStatus(new DeploymentBuilder(deployment).withStatus(next).build());
    }
    if (rollout && DeploymentConditions.isComplete(deployment, next)) {
      cleanUp(family);
    } else if (rollout) {
      conditions
          .untilDeadline(deployment)
          .ifPresent(left ->
              context
                  .queue()
                  .addAfter(
                      key(
                          deployment.getMetadata().getNamespace(),
                          deployment.getMetadata().getName()),
                      left.plus(Duration.ofMillis(10))));
    }
  }

  private static DeploymentStatus counts(Family family) {
    Deployment deployment = family.deployment();
    int available = family.all().stream().mapToInt(Family::available).sum();
    int unavailable = Math.max(0, Family.total(family.all()) - available);
    Integer collisions =
        deployment.getStatus() == null ? null : deployment.getStatus().getCollisionCount();
    return new DeploymentStatusBuilder()
        .withObservedGeneration(deployment.getMetadata().getGeneration())
        .withReplicas(nullIfZero(sum(family.all(), ReplicaSetStatus::getReplicas)))
        .withUpdatedReplicas(
            nullIfZero(sum(family.fresh().stream().toList(), ReplicaSetStatus::getReplicas)))
        .withReadyReplicas(nullIfZero(sum(family.all(), ReplicaSetStatus::getReadyReplicas)))
        .withAvailableReplicas(nullIfZero(available))
        .withUnavailableReplicas(nullIfZero(unavailable))
        .withCollisionCount(collisions)
        .build();
  }

  private static int sum(List<ReplicaSet> sets, Function<ReplicaSetStatus, Integer> field) {
    return sets.stream()
        .map(ReplicaSet::getStatus)
        .filter(Objects::nonNull)
        .mapToInt(status -> orZero(field.apply(status)))
        .sum();
  }

  private static void failures(Family family, DeploymentConditions conditions) {
    List<ReplicaSet> sets = new ArrayList<>(family.fresh().stream().toList());
    sets.addAll(family.old());
    sets.stream()
        .filter(set -> set.getStatus() != null)
        .flatMap(set -> set.getStatus().getConditions().stream())
        .filter(c -> c.getType().equals(ReplicaSets.REPLICA_FAILURE))
        .findFirst()
        .ifPresentOrElse(
            c -> conditions.set(c.getType(), c.getStatus(), c.getReason(), c.getMessage()),
            () -> conditions.remove(ReplicaSets.REPLICA_FAILURE));
  }

  /** Deletes old empty sets beyond the revision history limit, lowest revisions first. */
  private void cleanUp(Family family) {
    Integer limit = family.deployment().getSpec().getRevisionHistoryLimit();
    int excess = limit == null ? 0 : family.old().size() - limit;
    List<ReplicaSet> byRevision = new ArrayList<>(family.old());
    byRevision.sort(Comparator.comparingInt(FreshSets::revision));
    for (ReplicaSet set : byRevision.subList(0, Math.max(0, excess))) {
      boolean empty =
          Family.replicas(set) == 0
              && set.getStatus() != null
              && orZero(set.getStatus().getReplicas()) == 0
              && set.getMetadata().getDeletionTimestamp() == null;
      if (empty) {
        context.api().delete(set);
      }
    }
  }
}
