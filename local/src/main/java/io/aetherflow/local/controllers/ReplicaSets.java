package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.nullIfZero;
import static io.aetherflow.local.controllers.Numbers.orZero;

import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Keeps as many pods as each ReplicaSet asks for. */
final class ReplicaSets implements Reconciler {
  /** Per pass, against a typing error in {@code replicas} that would fill the machine at once. */
  static final int BURST_MAX = 500;

  static final String REPLICA_FAILURE = "ReplicaFailure";

  private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

  private final Context context;

  ReplicaSets(Context context) {
    this.context = context;
    context
        .api()
        .watch(
            ReplicaSet.class,
            s -> enqueue(s.getMetadata().getNamespace(), s.getMetadata().getName()));
    context.api().watch(Pod.class, this::podChanged);
  }

  private void enqueue(String namespace, String name) {
    context.queue().add(key(namespace, name));
  }

  private WorkQueue.Key key(String namespace, String name) {
    return new WorkQueue.Key(this, namespace, name);
  }

  private void podChanged(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    OwnerRefs.controllerName(pod, "ReplicaSet").ifPresent(name -> enqueue(namespace, name));
    if (OwnerRefs.controller(pod).isEmpty()) {
      context
          .api()
          .list(ReplicaSet.class, namespace)
          .forEach(set -> enqueue(namespace, set.getMetadata().getName()));
    }
  }

  @Override
  public void reconcile(String namespace, String name) {
    ReplicaSet set = context.api().find(ReplicaSet.class, namespace, name).orElse(null);
    if (set == null) {
      return;
    }
    List<Pod> active =
        context.api().list(Pod.class, namespace).stream().filter(PodStates::isActive).toList();
    List<Pod> pods =
        OwnerRefs.claim(context.api(), set, set.getSpec().getSelector(), active, pod -> true);
    ApiException failure = null;
    if (set.getMetadata().getDeletionTimestamp() == null) {
      try {
        pods = manage(set, pods);
      } catch (ApiException e) {
        failure = e;
      }
    }
    writeStatus(set, pods, failure);
    if (failure != null && failure.code() != 403) {
      throw failure;
    }
  }

  private List<Pod> manage(ReplicaSet set, List<Pod> pods) {
    int missing = set.getSpec().getReplicas() - pods.size();
    List<Pod> left = new ArrayList<>(pods);
    for (int i = 0; i < Math.min(missing, BURST_MAX); i++) {
      left.add(createPod(set));
    }
    if (missing > BURST_MAX) {
      enqueue(set.getMetadata().getNamespace(), set.getMetadata().getName());
    }
    left.sort(deletionOrder());
    for (int i = 0; i < -missing; i++) {
      Pod pod = left.removeFirst();
      context.api().delete(pod);
      context
          .events()
          .normal(set, "SuccessfulDelete", "Deleted pod: " + pod.getMetadata().getName());
    }
    return left;
  }

  private Pod createPod(ReplicaSet set) {
    Pod pod = Templates.pod(set.getSpec().getTemplate(), set);
    pod.getMetadata().setGenerateName(set.getMetadata().getName() + "-");
    try {
      Pod created = context.api().create(pod);
      context
          .events()
          .normal(set, "SuccessfulCreate", "Created pod: " + created.getMetadata().getName());
      return created;
    } catch (ApiException e) {
      if (e.code() != 403 && e.code() != 409) {
        context.events().warning(set, "FailedCreate", "Error creating: " + e.getMessage());
      }
      throw e;
    }
  }

  /** Those that serve least go first. */
  private static Comparator<Pod> deletionOrder() {
    Comparator<Pod> scheduled = Comparator.comparing(pod -> pod.getSpec().getNodeName() != null);
    return scheduled
        .thenComparing(pod -> List.of("Pending", "", "Running").indexOf(PodStates.phase(pod)))
        .thenComparing(PodStates::isReady)
        .thenComparing(ReplicaSets::deletionCost)
        .thenComparing(Comparator.comparing(PodStates::readySince).reversed())
        .thenComparing(Comparator.comparing(PodStates::restarts).reversed())
        .thenComparing(
            Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp()).reversed())
        .thenComparing(pod -> pod.getMetadata().getName());
  }

  private static int deletionCost(Pod pod) {
    var annotations = pod.getMetadata().getAnnotations();
    return Numbers.parseOr(annotations == null ? null : annotations.get(DELETION_COST), 0);
  }

  private void writeStatus(ReplicaSet set, List<Pod> pods, ApiException failure) {
    Instant now = context.now();
    Integer minReadySeconds = set.getSpec().getMinReadySeconds();
    var labels = Templates.mutable(set.getSpec().getTemplate().getMetadata().getLabels());
    List<Pod> ready = pods.stream().filter(PodStates::isReady).toList();
    int available = 0;
    for (Pod pod : ready) {
      Duration left = PodStates.untilAvailable(pod, minReadySeconds, now);
      if (left.isPositive()) {
        context
            .queue()
            .addAfter(key(set.getMetadata().getNamespace(), set.getMetadata().getName()), left);
      } else {
        available++;
      }
    }
    ReplicaSetStatus status = new ReplicaSetStatus();
    status.setReplicas(pods.size());
    status.setFullyLabeledReplicas(
        nullIfZero(
            (int)
                pods.stream()
                    .filter(p -> LabelSelectors.contains(p.getMetadata().getLabels(), labels))
                    .count()));
    status.setReadyReplicas(nullIfZero(ready.size()));
    status.setAvailableReplicas(nullIfZero(available));
    status.setObservedGeneration(set.getMetadata().getGeneration());
    failureCondition(set, failure).ifPresent(c -> status.setConditions(List.of(c)));
    if (!status.equals(set.getStatus())) {
      context.api().replaceStatus(new ReplicaSetBuilder(set).withStatus(status).build());
    }
  }

  private Optional<ReplicaSetCondition> failureCondition(ReplicaSet set, ApiException failure) {
    if (failure == null) {
      return Optional.empty();
    }
    Optional<ReplicaSetCondition> present =
        set.getStatus() == null
            ? Optional.empty()
            : set.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(REPLICA_FAILURE))
                .findFirst();
    if (present.isPresent()) {
      return present;
    }
    boolean deleting =
        orZero(set.getStatus() == null ? null : set.getStatus().getReplicas())
            > set.getSpec().getReplicas();
    return Optional.of(
        new ReplicaSetConditionBuilder()
            .withType(REPLICA_FAILURE)
            .withStatus("True")
            .withReason(deleting ? "FailedDelete" : "FailedCreate")
            .withMessage(failure.getMessage())
            .withLastTransitionTime(context.timestamp())
            .build());
  }
}
