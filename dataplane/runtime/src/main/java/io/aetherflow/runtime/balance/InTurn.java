package io.aetherflow.runtime.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The turn of one question: made again, it goes to the next instance, whatever their load. For
 * calls that cost nothing and are made again because the instance asked first may be paused: by its
 * load it might be the best for a while. Thread-safe.
 */
public final class InTurn {
  private final AtomicInteger next;

  /**
   * @param first where to begin, any number; different ones spread the questions
   */
  public InTurn(int first) {
    next = new AtomicInteger(first);
  }

  /**
   * @param items not empty
   */
  <T> T pick(List<T> items) {
    return items.get(Math.floorMod(next.getAndIncrement(), items.size()));
  }
}
