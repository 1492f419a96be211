package io.aetherflow.statesync.log;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A lock that lives as long as the process; for tests. Thread-safe. */
public final class MemoryCompactionLock {
  private long last;
  private String holder = "";

  /** The lock as a process sees it. */
  public CompactionLock of(String process) {
    return new CompactionLock() {
      @Override
      public CompletableFuture<OptionalLong> acquire() {
        return CompletableFuture.completedFuture(acquireFor(process));
      }

      @Override
      public CompletableFuture<Void> release(long revision) {
        releaseFrom(revision);
        return CompletableFuture.completedFuture(null);
      }
    };
  }

  private synchronized OptionalLong acquireFor(String process) {
    if (!holder.isEmpty() && !holder.equals(process)) {
      return OptionalLong.empty();
    }
    holder = process;
    return OptionalLong.of(++last);
  }

  private synchronized void releaseFrom(long revision) {
    if (last == revision) {
      holder = "";
    }
  }

  synchronized boolean held(long revision) {
    return !holder.isEmpty() && last == revision;
  }
}
