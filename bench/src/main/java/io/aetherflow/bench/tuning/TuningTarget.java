package io.aetherflow.bench.tuning;

import io.aetherflow.bench.BenchFailure;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One AetherFlowCluster being edited, seen through one watch. Used by one thread. */
final class TuningTarget implements AutoCloseable {
  private static final ResourceDefinitionContext TYPE =
      new ResourceDefinitionContext.Builder()
          .withGroup("aetherflow.io")
          .withVersion("v1alpha1")
          .withKind("AetherFlowCluster")
          .withPlural("aetherflowclusters")
          .withNamespaced(true)
          .build();
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final Resource<GenericKubernetesResource> resource;
  private final Object originalRatioPercent;
  private final LinkedBlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
  private final Watch watch;

  private TuningTarget(Resource<GenericKubernetesResource> resource) {
    this.resource = resource;
    this.originalRatioPercent = resource.get().get("spec", "quantum", "fec", "ratioPercent");
    this.watch = resource.watch(new Events());
  }

  /** Finds the named cluster, or the only one of the namespace. */
  static TuningTarget open(KubernetesClient client, String namespace, String name) {
    String in =
        Stream.of(namespace, client.getNamespace(), "default")
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();
    MixedOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> clusters =
        client.genericKubernetesResources(TYPE);
    List<String> names =
        client.genericKubernetesResources(TYPE).inNamespace(in).list().getItems().stream()
            .map(found -> found.getMetadata().getName())
            .toList();
    return new TuningTarget(clusters.inNamespace(in).withName(choose(names, name, in)));
  }

  private static String choose(List<String> names, String wanted, String namespace) {
    if (wanted != null && names.contains(wanted)) {
      return wanted;
    }
    if (wanted == null && names.size() == 1) {
      return names.getFirst();
    }
    throw new BenchFailure(
        "Namespace %s holds the clusters %s, %s; name one with --cluster NAME."
            .formatted(namespace, names, wanted == null ? "not exactly one" : "but not " + wanted));
  }

  /**
   * Waits until the present generation is applied.
   *
   * @return how many pods confirmed it
   */
  int awaitApplied(Duration timeout) {
    return awaitAppliedAt(resource.get().getMetadata().getGeneration(), timeout).pods();
  }

  /** Nanoseconds from sending the edit to seeing every pod's confirmation of it. */
  long retune(int ratioPercent, Duration timeout) {
    seen.clear();
    long sentNs = System.nanoTime();
    GenericKubernetesResource edited = patchRatio(ratioPercent);
    Seen applied = awaitAppliedAt(edited.getMetadata().getGeneration(), timeout);
    return applied.atNs() - sentNs;
  }

  void restore() {
    patchRatio(originalRatioPercent);
  }

  private GenericKubernetesResource patchRatio(Object ratioPercent) {
    return resource.patch(
        MERGE, "{\"spec\":{\"quantum\":{\"fec\":{\"ratioPercent\":" + ratioPercent + "}}}}");
  }

  private Seen awaitAppliedAt(long generation, Duration timeout) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    Seen last = null;
    while (true) {
      try {
        Seen next = seen.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new BenchFailure(
              "Generation %d was not confirmed by every pod within %d s; last seen: %s."
                  .formatted(generation, timeout.toSeconds(), last));
        }
        if (next.state().appliedAt(generation)) {
          return next;
        }
        last = next;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchFailure("Interrupted while waiting for the pods.", e);
      }
    }
  }

  @Override
  public void close() {
    watch.close();
  }

  /** A state of the resource and when the watch delivered it. */
  private record Seen(TuningState state, long atNs) {
    int pods() {
      return state.appliedPods();
    }
  }

  private final class Events implements Watcher<GenericKubernetesResource> {
    @Override
    public void eventReceived(Action action, GenericKubernetesResource resource) {
      if (action == Action.ADDED || action == Action.MODIFIED) {
        seen.add(new Seen(TuningState.of(resource), System.nanoTime()));
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      // The wait in progress runs into its timeout and names the last state seen.
    }
  }
}
