package io.aetherflow.operator.fleet;

import io.aetherflow.local.store.Db;
import io.aetherflow.local.store.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds back every watch of the API while it is shut: writes and reads go on, and whoever follows a
 * watch sees the past. Must be made before anybody else watches.
 */
final class Gate implements AutoCloseable {
  private final ReentrantLock shut = new ReentrantLock();
  private final Objects.Subscription subscription;

  Gate(Db db) {
    // Changes are delivered one at a time to all who follow them, to this one first.
    subscription =
        db.watch(
            "",
            db.revision(),
            change -> {
              shut.lock();
              shut.unlock();
            });
  }

  /** Until {@link #open}, by the same thread. */
  void shut() {
    shut.lock();
  }

  void open() {
    shut.unlock();
  }

  @Override
  public void close() {
    subscription.close();
  }
}
