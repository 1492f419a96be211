package io.aetherflow.statesync.log;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A lock that lives as long as the process; for tests. */
public final class MemoryCompactionLock implements CompactionLock {
  private long last;
  private boolean taken;

  @Override
  public synchronized CompletableFuture<OptionalLong> acquire() {
    if (taken) {
      return CompletableFuture.completedFuture(OptionalLong.empty());
    }
    taken = true;
    return CompletableFuture.completedFuture(OptionalLong.of(++last));
  }

  synchronized boolean held(long revision) {
    return taken && last == revision;
  }

  @Override
  public synchronized CompletableFuture<Void> release(long revision) {
    if (last == revision) {
      taken = false;
    }
    return CompletableFuture.completedFuture(null);
  }
}
