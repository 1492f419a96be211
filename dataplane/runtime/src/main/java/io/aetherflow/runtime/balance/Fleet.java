package io.aetherflow.runtime.balance;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many of a service's instances take no calls. When all of them fail the cause is rarely
 * theirs, and the rest must not drown in the calls of the ejected. Thread-safe.
 */
final class Fleet {
  /** At most this share of the instances is ejected at once; a lone one never is. */
  static final int EJECTED_PERCENT_MAX = 50;

  private final AtomicInteger ejected = new AtomicInteger();
  private volatile int size;

  void size(int instances) {
    size = instances;
  }

  /** Takes one of the places for ejected instances, if there is one. */
  boolean mayEject() {
    int max = size * EJECTED_PERCENT_MAX / 100;
    return ejected.getAndUpdate(now -> now < max ? now + 1 : now) < max;
  }

  void returned() {
    ejected.decrementAndGet();
  }

  int ejected() {
    return ejected.get();
  }
}
