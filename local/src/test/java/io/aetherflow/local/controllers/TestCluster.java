package io.aetherflow.local.controllers;

import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.ObjectStore;
import io.aetherflow.local.store.StoreEvent;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A real store, the controllers and a kubelet on command. */
final class TestCluster implements AutoCloseable {
  static final String NAMESPACE = "default";

  private static final long TIMEOUT_MILLIS = 15_000;

  final ObjectStore objects;
  final FakeKubelet kubelet;
  final Controllers controllers;
  private final Object changed = new Object();
  private final List<Consumer<StoreEvent>> observers =
      new java.util.concurrent.CopyOnWriteArrayList<>();

  TestCluster(Path directory) throws IOException {
    this(directory, Clock.systemUTC());
  }

  TestCluster(Path directory, Clock clock) throws IOException {
    objects = new ObjectStore(directory.resolve("state"), clock);
    objects
        .resources()
        .db()
        .watch(
            "",
            objects.resources().db().revision(),
            event -> {
              observers.forEach(o -> o.accept(event));
              synchronized (changed) {
                changed.notifyAll();
              }
            });
    kubelet = new FakeKubelet(objects);
    controllers = Controllers.start(objects, directory.resolve("volumes"), clock);
  }

  /** Called with each change, on the store's thread. */
  void observe(Consumer<StoreEvent> observer) {
    observers.add(observer);
  }

  /** Waits for the condition, looking again after each change of any object. */
  void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000;
    synchronized (changed) {
      while (!condition.getAsBoolean()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("not within " + TIMEOUT_MILLIS + " ms: " + what + pods());
        }
        changed.wait(left);
      }
    }
  }

  private String pods() {
    StringBuilder text = new StringBuilder();
    for (Pod pod : objects.list(Pod.class)) {
      text.append("\n  ").append(pod.getMetadata().getName()).append(' ');
      text.append(pod.getStatus());
    }
    objects.list(PersistentVolumeClaim.class).forEach(c -> text.append("\n  ").append(c));
    objects.list(PersistentVolume.class).forEach(v -> text.append("\n  ").append(v));
    return text.toString();
  }

  /** Returns when nothing moves any more, apart from timers. */
  void settle() throws Exception {
    long before;
    do {
      before = revision();
      CountDownLatch flushed = new CountDownLatch(1);
      objects.resources().db().afterPending(revision -> flushed.countDown());
      if (!flushed.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the store's event thread hangs");
      }
      kubelet.drain();
      controllers.drain();
    } while (revision() != before);
  }

  long revision() {
    return objects.resources().db().revision();
  }

  <T extends HasMetadata> T get(Class<T> type, String name) {
    return objects.find(type, NAMESPACE, name).orElseThrow();
  }

  /** The pods with that {@code app} label that are not being deleted. */
  List<Pod> pods(String app) {
    return objects.list(Pod.class).stream()
        .filter(pod -> app.equals(pod.getMetadata().getLabels().get("app")))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** Changes an object as a user would, again when somebody else was faster. */
  @SuppressWarnings("unchecked")
  <T extends HasMetadata> T edit(Class<T> type, String name, UnaryOperator<T> change) {
    while (true) {
      T live = Json.model(Json.tree(get(type, name)), type);
      try {
        return objects.replace(change.apply(live));
      } catch (ApiException e) {
        if (e.code() != 409) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    controllers.close();
    kubelet.close();
    objects.close();
  }
}
