package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatusBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts how many pods each PodDisruptionBudget would let go. */
final class DisruptionBudgets implements Reconciler {
  private static final String ALLOWED = "DisruptionAllowed";

  private final Context context;

  DisruptionBudgets(Context context) {
    this.context = context;
    context.api().watch(PodDisruptionBudget.class, b -> enqueueAll(b.getMetadata().getNamespace()));
    context.api().watch(Pod.class, p -> enqueueAll(p.getMetadata().getNamespace()));
  }

  private void enqueueAll(String namespace) {
    context
        .api()
        .list(PodDisruptionBudget.class, namespace)
        .forEach(b ->
            context.queue().add(new WorkQueue.Key(this, namespace, b.getMetadata().getName())));
  }

  @Override
  public void reconcile(String namespace, String name) {
    PodDisruptionBudget budget =
        context.api().find(PodDisruptionBudget.class, namespace, name).orElse(null);
    if (budget == null) {
      return;
    }
    List<Pod> pods =
        context.api().list(Pod.class, namespace).stream()
            .filter(pod -> !PodStates.isFinished(pod))
            .filter(pod ->
                LabelSelectors.matches(
                    budget.getSpec().getSelector(), pod.getMetadata().getLabels()))
            .toList();
    int expected = expected(pods);
    int healthy =
        (int)
            pods.stream()
                .filter(pod -> PodStates.isReady(pod) && !PodStates.isTerminating(pod))
                .count();
    int desired = desired(budget.getSpec(), expected);
    int allowed = expected == 0 ? 0 : Math.max(0, healthy - desired);
    PodDisruptionBudgetStatus status =
        new PodDisruptionBudgetStatusBuilder()
            .withExpectedPods(expected)
            .withCurrentHealthy(healthy)
            .withDesiredHealthy(desired)
            .withDisruptionsAllowed(allowed)
            .withObservedGeneration(budget.getMetadata().getGeneration())
            .withConditions(condition(budget, allowed > 0))
            .build();
    if (!status.equals(budget.getStatus())) {
      context
          .api()
          .replaceStatus(new PodDisruptionBudgetBuilder(budget).withStatus(status).build());
    }
  }

  private static int desired(PodDisruptionBudgetSpec spec, int expected) {
    if (spec.getMaxUnavailable() != null) {
      return Math.max(0, expected - Numbers.resolve(spec.getMaxUnavailable(), expected, true));
    }
    return Numbers.resolve(spec.getMinAvailable(), expected, true);
  }

  /** What the pods' controllers ask for; a pod without one counts as itself. */
  private int expected(List<Pod> pods) {
    Map<String, Integer> wanted = new HashMap<>();
    for (Pod pod : pods) {
      var owner = OwnerRefs.controller(pod).orElse(null);
      String namespace = pod.getMetadata().getNamespace();
      int size = 1;
      if (owner != null && owner.getKind().equals("ReplicaSet")) {
        size =
            context
                .api()
                .find(ReplicaSet.class, namespace, owner.getName())
                .map(Family::replicas)
                .orElse(0);
      } else if (owner != null && owner.getKind().equals("StatefulSet")) {
        size =
            context
                .api()
                .find(StatefulSet.class, namespace, owner.getName())
                .map(set -> set.getSpec().getReplicas())
                .orElse(0);
      }
      wanted.put(owner == null ? pod.getMetadata().getUid() : owner.getUid(), size);
    }
    return wanted.values().stream().mapToInt(Integer::intValue).sum();
  }

  private Condition condition(PodDisruptionBudget budget, boolean allowed) {
    String status = allowed ? "True" : "False";
    String since =
        budget.getStatus() == null
            ? context.timestamp()
            : budget.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(ALLOWED) && c.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(context::timestamp);
    return new ConditionBuilder()
        .withType(ALLOWED)
        .withStatus(status)
        .withReason(allowed ? "SufficientPods" : "InsufficientPods")
        .withMessage("")
        .withObservedGeneration(budget.getMetadata().getGeneration())
        .withLastTransitionTime(since)
        .build();
  }
}
