package io.aetherflow.gateway;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.RejectedExecutionException;

/** An event loop of Vert.x, until its end: then it drops tasks, for they are answers too late. */
final class ContextLoop implements Loop {
  private final Vertx vertx;
  private final Context context;
  private volatile boolean ended;

  ContextLoop(Vertx vertx) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
  }

  /** Must come before the end of Vert.x. */
  void end() {
    ended = true;
  }

  @Override
  public void execute(Runnable task) {
    guarded(() -> context.runOnContext(_ -> task.run()));
  }

  @Override
  public void after(long delayMillis, Runnable task) {
    guarded(() -> vertx.setTimer(Math.max(1, delayMillis), _ -> execute(task)));
  }

  private void guarded(Runnable handOver) {
    if (ended) {
      return;
    }
    try {
      handOver.run();
    } catch (RejectedExecutionException e) {
      if (!ended) {
        throw e;
      }
    }
  }
}
