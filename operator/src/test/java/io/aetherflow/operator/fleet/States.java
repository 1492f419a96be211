package io.aetherflow.operator.fleet;

import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** What each AetherFlowCluster says of itself, as a user's watch tells. Thread-safe. */
final class States implements AutoCloseable {
  private final Map<String, AetherFlowCluster> states = new HashMap<>();
  private final SharedIndexInformer<AetherFlowCluster> informer;

  States(KubernetesClient client) {
    informer = client.resources(AetherFlowCluster.class).inAnyNamespace().inform(new Handler());
  }

  /** Waits until so many clusters satisfy the condition. */
  synchronized void await(
      int clusters, String what, Duration timeout, Predicate<AetherFlowCluster> condition) {
    awaitTrue(what, timeout, () -> states.values().stream().filter(condition).count() >= clusters);
  }

  /** Waits until this cluster does. */
  synchronized void await(
      String name, String what, Duration timeout, Predicate<AetherFlowCluster> condition) {
    awaitTrue(what, timeout, () -> states.containsKey(name) && condition.test(states.get(name)));
  }

  private void awaitTrue(
      String what, Duration timeout, java.util.function.BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      long leftMillis = (deadlineNs - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw new AssertionError("not within " + timeout + ": " + what + describe());
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for: " + what, e);
      }
    }
  }

  /** How many are Ready, and the first that is not. */
  private String describe() {
    long ready = states.values().stream().filter(States::isReady).count();
    return "; %d of %d are Ready; the first that is not: %s"
        .formatted(
            ready,
            states.size(),
            states.values().stream()
                .filter(each -> !isReady(each))
                .findFirst()
                .map(each -> each.getMetadata().getName() + " " + each.getStatus())
                .orElse("none"));
  }

  static boolean isReady(AetherFlowCluster cluster) {
    return isTrueNow(cluster, "Ready");
  }

  static boolean isTuned(AetherFlowCluster cluster) {
    return isTrueNow(cluster, "TuningApplied");
  }

  private static boolean isTrueNow(AetherFlowCluster cluster, String type) {
    if (cluster.getStatus() == null || cluster.getStatus().conditions() == null) {
      return false;
    }
    return cluster.getStatus().conditions().stream()
        .filter(each -> each.getType().equals(type))
        .anyMatch(each -> isTrueAt(each, cluster.getMetadata().getGeneration()));
  }

  private static boolean isTrueAt(Condition condition, Long generation) {
    return condition.getStatus().equals("True")
        && generation.equals(condition.getObservedGeneration());
  }

  private synchronized void put(AetherFlowCluster cluster) {
    states.put(cluster.getMetadata().getName(), cluster);
    notifyAll();
  }

  @Override
  public void close() {
    informer.close();
  }

  private final class Handler implements ResourceEventHandler<AetherFlowCluster> {
    @Override
    public void onAdd(AetherFlowCluster added) {
      put(added);
    }

    @Override
    public void onUpdate(AetherFlowCluster before, AetherFlowCluster after) {
      put(after);
    }

    @Override
    public void onDelete(AetherFlowCluster deleted, boolean stateUnknown) {
      // Nobody deletes one here.
    }
  }
}
