package io.aetherflow.statesync.document;

import java.util.concurrent.TimeUnit;

/**
 * How many operations may wait for their commit, so that those that are taken in wait a bounded
 * time when more come than can be stored. Not thread-safe.
 *
 * <p>By Little's law, what waits is the rate of commits times the time of waiting. The rate is not
 * known beforehand, for a group commit takes more at once the more there is; so the limit follows
 * the waiting time itself. As in CoDel (RFC 8289) it looks at the shortest wait of an interval: a
 * pause of etcd or of the collector makes a queue that is gone after the next commit, and refuses
 * nobody; a queue that stands is what comes in too fast.
 */
final class WaitLimit {
  /** A wait that at least one operation of each interval stays below, unless a queue stands. */
  static final long STANDING_NS = TimeUnit.MILLISECONDS.toNanos(25);

  /** Where a commit itself takes long, twice its time, and this at most. */
  static final long STANDING_MAX_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Slowly, lest an overload that comes be taken for a slow store. */
  private static final int LEAST_RISE_DIVISOR = 64;

  /** Some commits, and the burst that is forgiven. */
  static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** What one commit takes on a slow machine: fewer would leave etcd idle. */
  static final int OPERATIONS_MIN = 128;

  /** Bounds the burst before the first refusal, and what waits while etcd is away. */
  static final int OPERATIONS_MAX = 8_192;

  private static final long NONE = Long.MAX_VALUE;

  /** The limit rises by this part of itself in an interval: to twice in half a second. */
  private static final int RISE_DIVISOR = 6;

  private int limit = OPERATIONS_MAX;
  private long shortestNs = NONE;

  /**
   * What a commit takes: the shortest wait while nothing was limited, or when as little as can be
   * waited.
   */
  private long leastNs = NONE;

  private long intervalEndNs;

  int operations() {
    return limit;
  }

  /**
   * An operation became durable.
   *
   * @param waitedNs since it was taken in
   * @param waiting how many waited then, this one included
   */
  void durable(long waitedNs, int waiting, long nowNs) {
    if (shortestNs == NONE) {
      intervalEndNs = nowNs + INTERVAL_NS;
    }
    shortestNs = Math.min(shortestNs, waitedNs);
    if (nowNs - intervalEndNs >= 0) {
      learnLeast();
      long standingNs = Math.clamp(2 * leastNs, STANDING_NS, STANDING_MAX_NS);
      limit = shortestNs > standingNs ? lowered(waiting, standingNs) : raised();
      shortestNs = NONE;
    }
  }

  private void learnLeast() {
    if (leastNs == NONE || limit == OPERATIONS_MIN) {
      // To lower further would not help: the store has become slow, and this is what it takes.
      leastNs = shortestNs;
    } else if (limit == OPERATIONS_MAX) {
      leastNs = Math.min(shortestNs, leastNs + leastNs / LEAST_RISE_DIVISOR + 1);
    }
  }

  /** To half of what waits at most: the next interval tells whether it was enough. */
  private int lowered(int waiting, long standingNs) {
    long fits = Math.min(limit, waiting) * Math.max(standingNs, shortestNs / 2) / shortestNs;
    return (int) Math.clamp(fits, OPERATIONS_MIN, OPERATIONS_MAX);
  }

  private int raised() {
    return Math.min(OPERATIONS_MAX, limit + Math.max(1, limit / RISE_DIVISOR));
  }
}
