package io.aetherflow.runtime.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The turn of one question: made again, it goes to the next instance that is not ejected, whatever
 * their load. For calls that cost nothing and are made again because the instance asked first may
 * be paused: by its load it might be the best for a while. Thread-safe.
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
   * The next that is admitted; of items that are all ejected the next, for a question that may fail
   * is better than none.
   *
   * @param items not empty
   */
  <T> T pick(List<T> items, Predicate<T> admitted) {
    for (int i = 0; i < items.size(); i++) {
      T item = next(items);
      if (admitted.test(item)) {
        return item;
      }
    }
    return next(items);
  }

  private <T> T next(List<T> items) {
    return items.get(Math.floorMod(next.getAndIncrement(), items.size()));
  }
}
