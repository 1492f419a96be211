package io.aetherflow.runtime.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One after the other, whatever their load. For calls that cost nothing and are made again because
 * the instance asked first may be paused: by its load it might be the best for a while.
 * Thread-safe.
 */
final class InTurn {
  private final AtomicInteger next;

  InTurn(int first) {
    next = new AtomicInteger(first);
  }

  /**
   * @param items not empty
   */
  <T> T pick(List<T> items) {
    return items.get(Math.floorMod(next.getAndIncrement(), items.size()));
  }
}
