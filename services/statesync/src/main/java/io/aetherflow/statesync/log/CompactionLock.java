package io.aetherflow.statesync.log;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * {@code /locks/state-compaction}: one process at a time trims. The revision is a fencing token:
 * each holder's is higher than those before. Thread-safe.
 */
public interface CompactionLock {
  /** The token, or empty when another holds the lock. */
  CompletableFuture<OptionalLong> acquire();

  /** Gives the lock up, unless another has it by now. */
  CompletableFuture<Void> release(long revision);
}
