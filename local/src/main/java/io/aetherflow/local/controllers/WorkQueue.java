package io.aetherflow.local.controllers;

import io.aetherflow.local.store.ApiException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Keys to reconcile, each at most once in the queue, on one worker thread in arrival order. A key
 * that fails comes back after a growing delay; others are not held up. Thread-safe.
 */
final class WorkQueue implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WorkQueue.class.getName());

  static final Duration BACKOFF_FIRST = Duration.ofMillis(10);

  /** Long enough to cost nothing, short enough for a person who repaired the cause. */
  static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

  /** One object of one reconciler. */
  record Key(Reconciler reconciler, String namespace, String name) {}

  private record Timer(long dueNs, ScheduledFuture<?> future) {}

  private final ScheduledThreadPoolExecutor worker =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("controllers").factory());
  private final Set<Key> pending = new LinkedHashSet<>();
  private final Map<Key, Timer> timers = new HashMap<>();
  private final Map<Key, Integer> failures = new HashMap<>();
  private boolean started;

  WorkQueue() {
    worker.setRemoveOnCancelPolicy(true);
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Begins with the keys added so far; before that they only gather. */
  synchronized void start() {
    started = true;
    pending.forEach(key -> worker.execute(() -> run(key)));
  }

  synchronized void add(Key key) {
    if (!worker.isShutdown() && pending.add(key) && started) {
      worker.execute(() -> run(key));
    }
  }

  /** Returns when everything added before has been looked at, apart from delayed keys. */
  void drain() throws InterruptedException {
    try {
      worker.submit(() -> {}).get();
    } catch (ExecutionException e) {
      throw new AssertionError("an empty task fails", e);
    }
  }

  /** Adds the key after the delay, or earlier when it already waits for an earlier time. */
  synchronized void addAfter(Key key, Duration delay) {
    long dueNs = System.nanoTime() + Math.max(0, delay.toNanos());
    Timer present = timers.get(key);
    if (worker.isShutdown() || present != null && present.dueNs - dueNs <= 0) {
      return;
    }
    if (present != null) {
      present.future.cancel(false);
    }
    Runnable expire = () -> expire(key);
    timers.put(
        key,
        new Timer(dueNs, worker.schedule(expire, dueNs - System.nanoTime(), TimeUnit.NANOSECONDS)));
  }

  private synchronized void expire(Key key) {
    timers.remove(key);
    add(key);
  }

  private void run(Key key) {
    synchronized (this) {
      pending.remove(key);
    }
    try {
      key.reconciler().reconcile(key.namespace(), key.name());
      failures.remove(key);
    } catch (RuntimeException e) {
      retry(key, e);
    }
  }

  private void retry(Key key, RuntimeException error) {
    int times = failures.merge(key, 1, Integer::sum);
    boolean raced = error instanceof ApiException api && api.code() == 409;
    System.Logger.Level level = raced ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
    String name = key.reconciler().getClass().getSimpleName();
    LOG.log(level, name + " " + key.namespace() + "/" + key.name(), error);
    long millis = BACKOFF_FIRST.toMillis() << Math.min(times - 1, 20);
    try {
      addAfter(key, Duration.ofMillis(Math.min(millis, BACKOFF_MAX.toMillis())));
    } catch (RejectedExecutionException closing) {
      LOG.log(System.Logger.Level.DEBUG, "closed while retrying", closing);
    }
  }

  /** Ends the worker; waits for the object it is at. */
  @Override
  public void close() {
    synchronized (this) {
      worker.shutdown();
      timers.values().forEach(timer -> timer.future.cancel(false));
      worker.getQueue().clear();
    }
    try {
      worker.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
