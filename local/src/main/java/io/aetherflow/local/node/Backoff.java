package io.aetherflow.local.node;

import java.time.Duration;

/**
 * How long a container that ended waits for its next start: not at all, then 10 s, doubling to 5
 * min; forgotten after 10 min of running. The kubelet's numbers.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  private Duration next = Duration.ZERO;

  /** The wait after a run of this length. */
  Duration afterRun(Duration ran) {
    if (ran.compareTo(FORGOTTEN_AFTER) >= 0) {
      next = Duration.ZERO;
    }
    Duration wait = next;
    next = wait.isZero() ? FIRST : min(wait.multipliedBy(2), LONGEST);
    return wait;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
