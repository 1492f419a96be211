package io.aetherflow.quantum.congestion;

import java.util.Arrays;

/**
 * Tells losses that a queue explains from random ones, the second departure from the draft. A loss
 * speaks of congestion if the round trips next to it show a queue, or if losses are so many that
 * the path must be dropping what exceeds a rate, as a policer does without queueing. What is lost
 * without either is the path's background loss, which is not held against a probe; so is what is
 * lost while the flow sends no more than it is known to get, for then others fill the queue. Not
 * thread-safe.
 */
final class CongestionEvidence {
  /** The smallest of so many samples shows the queue of the moment and sees through jitter. */
  private static final int RECENT_SAMPLES = 8;

  /** A queue of 1/16 of the round trip counts, so that a buffer of 0.1 BDP shows when full. */
  private static final int QUEUE_SHARE = 16;

  /**
   * Samples next to each other differ by jitter, hardly by a queue, which takes its time. A queue
   * must exceed the mean difference so many times: the smallest of the samples then rarely does by
   * chance, whatever the jitter.
   */
  private static final int JITTER_MULTIPLE = 2;

  /** Samples over which that difference is averaged. */
  private static final int JITTER_SAMPLES = 16;

  /** A timer's granularity (RFC 9002 section 6.1.2): on short paths less is noise. */
  private static final long QUEUE_NS_MIN = 1_000_000;

  /** Below this many packets, random loss of 5 % exceeds 10 % too often. */
  private static final int HEAVY_PACKETS_MIN = 100;

  private static final double HEAVY_SHARE = 0.1;

  /**
   * The background is averaged over about so many packets: several rounds, seconds of sparse use.
   */
  private static final int BACKGROUND_PACKETS = 2048;

  /** So many packets without loss are assumed at first, lest the first loss count as usual. */
  private static final int BACKGROUND_PACKETS_ASSUMED = 100;

  private final long[] recentRttNs = new long[RECENT_SAMPLES];
  private int next;
  private long lastRttNs;
  private double meanDifferenceNs;
  private long jitterNs;
  private int settled;
  private int lost;
  private boolean queue;
  private boolean queueThisRound;
  private boolean queueLastRound;
  private boolean wasHeavy;
  private double background;
  private int backgroundPackets = BACKGROUND_PACKETS_ASSUMED;

  CongestionEvidence() {
    Arrays.fill(recentRttNs, Long.MAX_VALUE);
  }

  void onRtt(long rttNs, long minRttNs) {
    if (lastRttNs != 0) {
      double differenceNs = Math.abs(rttNs - lastRttNs);
      meanDifferenceNs += (differenceNs - meanDifferenceNs) / JITTER_SAMPLES;
    }
    lastRttNs = rttNs;
    recentRttNs[next] = rttNs;
    next = (next + 1) % RECENT_SAMPLES;
    long recentNs = Long.MAX_VALUE;
    for (long sampleNs : recentRttNs) {
      recentNs = Math.min(recentNs, sampleNs);
    }
    long leastNs = Math.max(minRttNs / QUEUE_SHARE, QUEUE_NS_MIN);
    long spreadNs = (long) (JITTER_MULTIPLE * meanDifferenceNs);
    jitterNs = spreadNs > leastNs ? spreadNs : 0;
    queue = recentNs - minRttNs > Math.max(leastNs, jitterNs);
    queueThisRound |= queue;
  }

  /**
   * Counts a packet.
   *
   * @param cruising whether the flow neither probes nor empties what a probe left
   */
  void onAcked(boolean cruising) {
    settled++;
    averageBackground(0, cruising);
  }

  /** As {@link #onAcked}, for one that was lost. */
  void onLost(boolean cruising) {
    settled++;
    lost++;
    averageBackground(1, cruising);
  }

  /** A loss was none: it counts as the arrival that it was. */
  void onSpuriousLoss() {
    lost = Math.max(lost - 1, 0);
    background = Math.max(background - 1.0 / backgroundPackets, 0);
  }

  private void averageBackground(int loss, boolean cruising) {
    if (isHeavy() || queue && !cruising) {
      return;
    }
    backgroundPackets = Math.min(backgroundPackets + 1, BACKGROUND_PACKETS);
    background += (loss - background) / backgroundPackets;
  }

  /** Counts afresh, once enough packets were counted to judge by. */
  void onRoundStart() {
    queueLastRound = queueThisRound;
    queueThisRound = queue;
    if (settled >= HEAVY_PACKETS_MIN) {
      wasHeavy = isHeavy();
      settled = 0;
      lost = 0;
    }
  }

  /** Whether a loss that was noticed now speaks of congestion. */
  boolean isCongestion() {
    return queue || isHeavy();
  }

  private boolean isHeavy() {
    return settled >= HEAVY_PACKETS_MIN && lost > settled * HEAVY_SHARE;
  }

  /** Whether losses were heavy over the last whole rounds of at least 100 packets. */
  boolean wasHeavy() {
    return wasHeavy;
  }

  /** By how much jitter lengthens a usual round trip; 0 if by less than counts as a queue. */
  long jitterNs() {
    return jitterNs;
  }

  boolean showsQueue() {
    return queue;
  }

  /** Whether a queue showed within the last two round trips. */
  boolean queueInLastRounds() {
    return queueLastRound || queueThisRound;
  }

  /** Share of packets that the path loses when there is no congestion. */
  double backgroundLoss() {
    return Math.min(background, HEAVY_SHARE);
  }
}
