package io.aetherflow.quantum.endpoint;

/** A token bucket. Times are nanoseconds. Not thread-safe. */
final class RateLimit {
  private static final long NS_PER_SECOND = 1_000_000_000;

  private final long intervalNs;
  private final long burstNs;
  private long nextNs;

  RateLimit(int perSecond, int burst) {
    intervalNs = NS_PER_SECOND / perSecond;
    burstNs = burst * intervalNs;
  }

  /** Takes a token if there is one. */
  boolean tryTake(long nowNs) {
    long from = Math.max(nextNs, nowNs - burstNs);
    if (from + intervalNs > nowNs) {
      return false;
    }
    nextNs = from + intervalNs;
    return true;
  }
}
