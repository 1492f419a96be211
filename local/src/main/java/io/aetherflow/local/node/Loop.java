package io.aetherflow.local.node;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that owns the node's state. A task that fails is logged; the loop goes on. */
final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  private final ScheduledThreadPoolExecutor executor;

  /** Takes a planned task back; idempotent. */
  interface Planned {
    Planned NONE = () -> {};

    void cancel();
  }

  Loop() {
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("node").daemon().unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Runs on the loop, soon; dropped after {@link #close}. */
  void execute(Runnable task) {
    try {
      executor.execute(() -> guarded(task));
    } catch (RejectedExecutionException closed) {
      LOG.debug("dropped a task: the node has stopped");
    }
  }

  Planned after(Duration delay, Runnable task) {
    try {
      var future = executor.schedule(() -> guarded(task), delay.toMillis(), TimeUnit.MILLISECONDS);
      return () -> future.cancel(false);
    } catch (RejectedExecutionException closed) {
      return Planned.NONE;
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a task of the node failed; going on", e);
    }
  }

  /** Lets the present task end: an interrupt would close files that it writes. */
  @Override
  public void close() {
    executor.getQueue().clear();
    executor.shutdown();
  }
}
