package io.aetherflow.statesync.log;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * {@code /locks/state-compaction}: one process at a time trims. The revision is a fencing token:
 * each holder's is higher than those before. Thread-safe.
 */
public interface CompactionLock {
  /**
   * The token, or empty when another holds the lock. One who holds it already, having lost the
   * answer to an acquire or a release, gets a new token, and the one before is worth nothing.
   */
  CompletableFuture<OptionalLong> acquire();

  /** Gives the lock up, unless another has it by now. */
  CompletableFuture<Void> release(long revision);
}
