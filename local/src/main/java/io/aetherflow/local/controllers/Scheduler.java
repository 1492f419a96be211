package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Binds pods to the one node, {@value #NODE}, when it is Ready and the pod's claims are bound. */
final class Scheduler implements Reconciler {
  static final String NODE = "local";

  private static final String SCHEDULED = "PodScheduled";

  private final Context context;

  Scheduler(Context context) {
    this.context = context;
    context.api().watch(Pod.class, this::enqueue);
    context.api().watch(Node.class, n -> context.api().all(Pod.class).forEach(this::enqueue));
    context
        .api()
        .watch(
            PersistentVolumeClaim.class,
            c ->
                context
                    .api()
                    .list(Pod.class, c.getMetadata().getNamespace())
                    .forEach(this::enqueue));
  }

  private void enqueue(Pod pod) {
    if (waits(pod)) {
      context
          .queue()
          .add(
              new WorkQueue.Key(
                  this, pod.getMetadata().getNamespace(), pod.getMetadata().getName()));
    }
  }

  private static boolean waits(Pod pod) {
    return pod.getSpec().getNodeName() == null && PodStates.isActive(pod);
  }

  @Override
  public void reconcile(String namespace, String name) {
    Pod pod = context.api().find(Pod.class, namespace, name).orElse(null);
    if (pod == null || !waits(pod)) {
      return;
    }
    Optional<String> obstacle = obstacle(pod);
    if (obstacle.isPresent()) {
      refuse(pod, obstacle.get());
      return;
    }
    // The condition goes first: once the node name stands, the node writes the status.
    Pod marked = withCondition(pod, "True", null, null);
    context.api().replace(new PodBuilder(marked).editSpec().withNodeName(NODE).endSpec().build());
  }

  private Optional<String> obstacle(Pod pod) {
    Node node = context.api().find(Node.class, "", NODE).orElse(null);
    if (node == null) {
      return Optional.of("no nodes available to schedule pods");
    }
    if (!ready(node)) {
      return Optional.of("0/1 nodes are available: 1 node(s) were not ready.");
    }
    if (node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
      return Optional.of("0/1 nodes are available: 1 node(s) were unschedulable.");
    }
    var selector = pod.getSpec().getNodeSelector();
    if (selector != null && !LabelSelectors.contains(node.getMetadata().getLabels(), selector)) {
      return Optional.of(
          "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
    }
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getPersistentVolumeClaim() != null)
        .flatMap(volume -> claimObstacle(pod, volume).stream())
        .findFirst();
  }

  private Optional<String> claimObstacle(Pod pod, Volume volume) {
    String name = volume.getPersistentVolumeClaim().getClaimName();
    PersistentVolumeClaim claim =
        context
            .api()
            .find(PersistentVolumeClaim.class, pod.getMetadata().getNamespace(), name)
            .orElse(null);
    if (claim == null) {
      return Optional.of("persistentvolumeclaim \"" + name + "\" not found");
    }
    boolean bound = claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase());
    return bound
        ? Optional.empty()
        : Optional.of("pod has unbound immediate PersistentVolumeClaims");
  }

  private static boolean ready(Node node) {
    return node.getStatus() != null
        && node.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private void refuse(Pod pod, String why) {
    boolean known =
        PodStates.condition(pod, SCHEDULED).filter(c -> why.equals(c.getMessage())).isPresent();
    if (!known) {
      withCondition(pod, "False", "Unschedulable", why);
      context.events().warning(pod, "FailedScheduling", why);
    }
  }

  private Pod withCondition(Pod pod, String status, String reason, String message) {
    PodCondition present = PodStates.condition(pod, SCHEDULED).orElse(null);
    boolean same = present != null && present.getStatus().equals(status);
    PodCondition wanted =
        new PodConditionBuilder()
            .withType(SCHEDULED)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastTransitionTime(same ? present.getLastTransitionTime() : context.timestamp())
            .build();
    if (wanted.equals(present)) {
      return pod;
    }
    Pod changed = Api.copy(pod);
    if (changed.getStatus() == null) {
      changed.setStatus(new PodStatus());
    }
    List<PodCondition> conditions = new ArrayList<>(changed.getStatus().getConditions());
    conditions.removeIf(c -> c.getType().equals(SCHEDULED));
    conditions.add(wanted);
    changed.getStatus().setConditions(conditions);
    return context.api().replaceStatus(changed);
  }
}
