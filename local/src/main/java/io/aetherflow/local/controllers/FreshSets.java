package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.orZero;

import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Map;
import java.util.Set;

/** Makes the ReplicaSet of a Deployment's present template, and keeps revision numbers. */
final class FreshSets {
  static final String REVISION = "deployment.kubernetes.io/revision";

  private static final String HISTORY = "deployment.kubernetes.io/revision-history";

  private static final Set<String> NOT_COPIED =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          REVISION,
          HISTORY,
          SetScaler.DESIRED,
          SetScaler.MAX,
          "deprecated.deployment.rollback.to");

  private final Context context;

  FreshSets(Context context) {
    this.context = context;
  }

  static int revision(ReplicaSet set) {
    return Numbers.parseOr(Templates.mutable(set.getMetadata().getAnnotations()).get(REVISION), 0);
  }

  private static int nextRevision(Family family) {
    return family.old().stream().mapToInt(FreshSets::revision).max().orElse(0) + 1;
  }

  /**
   * Brings the fresh set's revision, annotations and minReadySeconds up to date, if there is one.
   */
  void renew(Family family) {
    ReplicaSet set = family.fresh().orElse(null);
    if (set == null) {
      return;
    }
    Deployment deployment = family.deployment();
    Map<String, String> annotations = Templates.mutable(set.getMetadata().getAnnotations());
    copied(deployment).forEach(annotations::put);
    int before = revision(set);
    if (before < nextRevision(family)) {
      annotations.put(REVISION, Integer.toString(nextRevision(family)));
      if (before > 0) {
        String history = annotations.get(HISTORY);
        annotations.put(HISTORY, history == null ? "" + before : history + "," + before);
      }
    }
    Integer minReadySeconds = deployment.getSpec().getMinReadySeconds();
    boolean same =
        annotations.equals(set.getMetadata().getAnnotations())
            && orZero(minReadySeconds) == orZero(set.getSpec().getMinReadySeconds());
    if (!same) {
      ReplicaSet next = Api.copy(set);
      next.getMetadata().setAnnotations(annotations);
      next.getSpec().setMinReadySeconds(minReadySeconds);
      family.update(context.api().replace(next));
    }
    note(family, annotations.get(REVISION));
  }

  private void note(Family family, String revision) {
    Deployment deployment = family.deployment();
    Map<String, String> present = Templates.mutable(deployment.getMetadata().getAnnotations());
    if (!revision.equals(present.get(REVISION))) {
      Deployment next =
          new DeploymentBuilder(deployment)
              .editMetadata()
              .addToAnnotations(REVISION, revision)
              .endMetadata()
              .build();
      family.deployment(context.api().replace(next));
    }
  }

  private static Map<String, String> copied(Deployment deployment) {
    Map<String, String> copied = Templates.mutable(deployment.getMetadata().getAnnotations());
    copied.keySet().removeAll(NOT_COPIED);
    return copied;
  }

  /** False when the name was taken by another template: the next pass tries another name. */
  boolean create(Family family, DeploymentConditions conditions) {
    Deployment deployment = family.deployment();
    ReplicaSet made = build(family);
    try {
      family.update(context.api().create(made));
    } catch (ApiException e) {
      if (e.code() == 409) {
        countCollision(deployment);
        return false;
      }
      conditions.set(
          DeploymentConditions.PROGRESSING, "False", "ReplicaSetCreateError", e.getMessage());
      throw e;
    }
    String name = made.getMetadata().getName();
    if (deployment.getSpec().getProgressDeadlineSeconds() != null) {
      conditions.renew(
          DeploymentConditions.PROGRESSING,
          "True",
          "NewReplicaSetCreated",
          "Created new replica set \"" + name + "\"");
    }
    if (made.getSpec().getReplicas() > 0) {
      context
          .events()
          .normal(
              deployment,
              "ScalingReplicaSet",
              "Scaled up replica set " + name + " from 0 to " + made.getSpec().getReplicas());
    }
    note(family, made.getMetadata().getAnnotations().get(REVISION));
    return true;
  }

  private static ReplicaSet build(Family family) {
    Deployment deployment = family.deployment();
    DeploymentStatus status = deployment.getStatus();
    PodTemplateSpec template =
        Json.model(Json.tree(deployment.getSpec().getTemplate()), PodTemplateSpec.class);
    String hash = Templates.hash(template, status == null ? null : status.getCollisionCount());
    Map<String, String> labels = Templates.mutable(template.getMetadata().getLabels());
    labels.put(Templates.POD_HASH, hash);
    template.getMetadata().setLabels(labels);
    LabelSelector selector =
        Json.model(Json.tree(deployment.getSpec().getSelector()), LabelSelector.class);
    Map<String, String> wanted = Templates.mutable(selector.getMatchLabels());
    wanted.put(Templates.POD_HASH, hash);
    selector.setMatchLabels(wanted);
    Map<String, String> annotations = copied(deployment);
    annotations.put(REVISION, Integer.toString(nextRevision(family)));
    annotations.putAll(SetScaler.sizes(family));
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(deployment.getMetadata().getName() + "-" + hash)
        .withNamespace(deployment.getMetadata().getNamespace())
        .withLabels(labels)
        .withAnnotations(annotations)
        .withOwnerReferences(OwnerRefs.controllerTo(deployment))
        .endMetadata()
        .withNewSpec()
        .withReplicas(Rollouts.freshSize(family))
        .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
        .withSelector(selector)
        .withTemplate(template)
        .endSpec()
        .build();
  }

  private void countCollision(Deployment deployment) {
    DeploymentStatus status =
        deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
    Deployment next = Api.copy(deployment);
    next.setStatus(
        new io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder(status)
            .withCollisionCount(orZero(status.getCollisionCount()) + 1)
            .build());
    context.api().replaceStatus(next);
  }
}
