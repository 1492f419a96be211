package io.aetherflow.e2e.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Every state of the resource that a watch delivered, in order. It survives a restarted API server
 * (the informer lists and watches again). May be used from any thread.
 */
public final class Recording implements AutoCloseable {
  private final List<AfcState> states = new ArrayList<>();
  private SharedIndexInformer<GenericKubernetesResource> informer;

  private Recording() {}

  static Recording start(Resource<GenericKubernetesResource> resource) {
    Recording recording = new Recording();
    recording.informer = resource.inform(recording.new Events(), 0);
    return recording;
  }

  public synchronized List<AfcState> states() {
    return List.copyOf(states);
  }

  /** Whether any state so far satisfied the predicate. */
  public boolean saw(Predicate<AfcState> condition) {
    return states().stream().anyMatch(condition);
  }

  /** The first recorded state, past or to come, that satisfies the condition. */
  public synchronized AfcState await(String what, Duration timeout, Predicate<AfcState> condition) {
    return awaitFrom(0, what, timeout, condition);
  }

  /** Like {@link #await}, but looks only at states after the first {@code skip}. */
  public synchronized AfcState awaitFrom(
      int skip, String what, Duration timeout, Predicate<AfcState> condition) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    int next = skip;
    while (true) {
      for (; next < states.size(); next++) {
        if (condition.test(states.get(next))) {
          return states.get(next);
        }
      }
      long leftMillis = (deadlineNs - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        String last = states.isEmpty() ? "nothing" : states.getLast().describe();
        throw new AssertionError(
            "not seen within %d s: %s; last state: %s".formatted(timeout.toSeconds(), what, last));
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for: " + what, e);
      }
    }
  }

  @Override
  public void close() {
    informer.close();
  }

  private synchronized void add(GenericKubernetesResource resource) {
    states.add(new AfcState(resource));
    notifyAll();
  }

  private final class Events implements ResourceEventHandler<GenericKubernetesResource> {
    @Override
    public void onAdd(GenericKubernetesResource added) {
      add(added);
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
      add(after);
    }

    @Override
    public void onDelete(GenericKubernetesResource deleted, boolean stateUnknown) {
      // A deleted resource shows as a wait that ends with its last state.
    }
  }
}
