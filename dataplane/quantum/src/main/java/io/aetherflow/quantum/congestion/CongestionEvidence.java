package io.aetherflow.quantum.congestion;

import java.util.Arrays;

/**
 * Tells losses that a queue explains from random ones, the second departure from the draft. A loss
 * speaks of congestion if the round trips next to it show a queue, or if losses are so many that
 * the path must be dropping what exceeds a rate, as a policer does without queueing. Not
 * thread-safe.
 */
final class CongestionEvidence {
  /** The smallest of so many samples shows the queue of the moment and sees through jitter. */
  private static final int RECENT_SAMPLES = 8;

  /** A queue of 1/16 of the round trip counts, so that a buffer of 0.1 BDP shows when full. */
  private static final int QUEUE_SHARE = 16;

  /** A timer's granularity (RFC 9002 section 6.1.2): on short paths less is noise. */
  private static final long QUEUE_NS_MIN = 1_000_000;

  /** Below this many packets, random loss of 5 % exceeds 10 % too often. */
  private static final int HEAVY_PACKETS_MIN = 100;

  private static final int HEAVY_PERCENT = 10;

  private final long[] recentRttNs = new long[RECENT_SAMPLES];
  private int next;
  private int settled;
  private int lost;

  CongestionEvidence() {
    Arrays.fill(recentRttNs, Long.MAX_VALUE);
  }

  void onRtt(long rttNs) {
    recentRttNs[next] = rttNs;
    next = (next + 1) % RECENT_SAMPLES;
  }

  void onAcked() {
    settled++;
  }

  void onLost() {
    settled++;
    lost++;
  }

  /** Counts afresh, once enough packets were counted to judge by. */
  void onRoundStart() {
    if (settled >= HEAVY_PACKETS_MIN) {
      settled = 0;
      lost = 0;
    }
  }

  /** Whether a loss that was noticed now speaks of congestion. */
  boolean isCongestion(long minRttNs) {
    return showsQueue(minRttNs) || isHeavy();
  }

  private boolean showsQueue(long minRttNs) {
    long recentNs = Long.MAX_VALUE;
    for (long rttNs : recentRttNs) {
      recentNs = Math.min(recentNs, rttNs);
    }
    return recentNs != Long.MAX_VALUE
        && recentNs - minRttNs > Math.max(minRttNs / QUEUE_SHARE, QUEUE_NS_MIN);
  }

  private boolean isHeavy() {
    return settled >= HEAVY_PACKETS_MIN && lost * 100L > (long) settled * HEAVY_PERCENT;
  }
}
