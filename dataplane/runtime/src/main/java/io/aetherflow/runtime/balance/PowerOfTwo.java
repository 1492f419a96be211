package io.aetherflow.runtime.balance;

import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Of two endpoints drawn at random the one with less load: nearly as good as the best of all, and
 * callers that see the same loads do not all run to the same endpoint (Mitzenmacher 2001).
 */
final class PowerOfTwo {
  /** Draws for an endpoint whose breaker admits calls, before the list is walked. */
  private static final int DRAWS_MAX = 4;

  private PowerOfTwo() {}

  /**
   * @param items not empty
   */
  static <T> T pick(
      List<T> items, Function<T, Endpoint> endpointOf, RandomGenerator random, long nowNs) {
    int size = items.size();
    if (size == 1) {
      return items.getFirst();
    }
    int first = admitted(items, endpointOf, random, nowNs, -1);
    if (first < 0) {
      // All are ejected: a call that may fail is better than one that certainly does.
      return items.get(random.nextInt(size));
    }
    int second = admitted(items, endpointOf, random, nowNs, first);
    if (second < 0) {
      return items.get(first);
    }
    double a = endpointOf.apply(items.get(first)).load(nowNs);
    double b = endpointOf.apply(items.get(second)).load(nowNs);
    return items.get(a <= b ? first : second);
  }

  private static <T> int admitted(
      List<T> items,
      Function<T, Endpoint> endpointOf,
      RandomGenerator random,
      long nowNs,
      int except) {
    int size = items.size();
    for (int draw = 0; draw < DRAWS_MAX; draw++) {
      int index = random.nextInt(size);
      if (index != except && endpointOf.apply(items.get(index)).admits(nowNs)) {
        return index;
      }
    }
    int start = random.nextInt(size);
    for (int i = 0; i < size; i++) {
      int index = (start + i) % size;
      if (index != except && endpointOf.apply(items.get(index)).admits(nowNs)) {
        return index;
      }
    }
    return -1;
  }
}
