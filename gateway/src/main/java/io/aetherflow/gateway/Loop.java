package io.aetherflow.gateway;

import java.util.concurrent.Executor;

/** One thread: runs tasks in the order they were given. */
public interface Loop extends Executor {
  /** Runs the task later on the same thread. */
  void after(long delayMillis, Runnable task);
}
