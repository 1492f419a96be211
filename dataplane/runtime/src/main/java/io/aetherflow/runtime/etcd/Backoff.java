package io.aetherflow.runtime.etcd;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Doubling delays with jitter, so that pods do not return to a restarted etcd in step. */
final class Backoff {
  private static final long FIRST_MILLIS = 100;
  private static final long LAST_MILLIS = 5_000;

  private final RandomGenerator random;
  private long nextMillis = FIRST_MILLIS;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** Between half of the present step and the whole. */
  Duration next() {
    long step = nextMillis;
    nextMillis = Math.min(LAST_MILLIS, step * 2);
    return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
  }

  void reset() {
    nextMillis = FIRST_MILLIS;
  }
}
