package io.aetherflow.statesync.loop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread, its timers, and a log line for what a task throws. Tasks never block. */
public final class Loop extends ScheduledThreadPoolExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  public Loop(String name) {
    super(1, task -> Thread.ofPlatform().daemon().name(name).unstarted(task), (task, loop) -> {});
    setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  public void after(long delayMillis, Runnable task) {
    schedule(task, delayMillis, TimeUnit.MILLISECONDS);
  }

  /** Goes on here when a future is done. */
  public <T> void whenDone(CompletableFuture<T> future, BiConsumer<T, Throwable> then) {
    future.whenComplete((value, error) -> execute(() -> then.accept(value, error)));
  }

  @Override
  protected void afterExecute(Runnable task, Throwable thrown) {
    super.afterExecute(task, thrown);
    if (task instanceof Future<?> future && future.state() == Future.State.FAILED) {
      LOG.atError()
          .addKeyValue("action", "loop_task_failed")
          .setCause(future.exceptionNow())
          .log("a task on the loop failed");
    }
  }
}
