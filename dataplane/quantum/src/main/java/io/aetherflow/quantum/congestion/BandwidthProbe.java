package io.aetherflow.quantum.congestion;

import java.util.SplittableRandom;

/**
 * Where the connection is in its cycle of bandwidth probes, and what the acknowledgements that
 * arrive say about the last one (sections "ProbeBW Algorithm Details" and "Precautionary Bandwidth
 * Probing"). Not thread-safe.
 */
final class BandwidthProbe {
  /** As often as Reno would, on paths where its window is small. */
  private static final int ROUNDS_MAX = 63;

  private static final long WAIT_NS_MIN = 2_000_000_000L;
  private static final long WAIT_SPREAD_NS = 1_000_000_000L;

  /** What acknowledgements tell at present (BBR.ack_phase). */
  private enum Feedback {
    NONE,
    REFILLING,
    STARTING,
    PROBING,
    STOPPING
  }

  private final SplittableRandom random;
  private Feedback feedback = Feedback.NONE;
  private boolean collecting;
  private boolean tooHigh;
  private boolean precautionary;
  private int rounds;
  private long cycleStartNs;
  private long waitNs;
  private long startBytes;

  BandwidthProbe(SplittableRandom random) {
    this.random = random;
  }

  void onRound() {
    rounds++;
  }

  /** The connection slows down and waits a random time for the next probe. */
  void onDown(long nowNs) {
    rounds = random.nextInt(2);
    waitNs = WAIT_NS_MIN + random.nextLong(WAIT_SPREAD_NS);
    cycleStartNs = nowNs;
    feedback = Feedback.STOPPING;
  }

  void onRefill(long bytesInFlight) {
    startBytes = bytesInFlight;
    precautionary = false;
    feedback = Feedback.REFILLING;
  }

  void onUp() {
    collecting = true;
    feedback = Feedback.STARTING;
  }

  void onProbeRtt() {
    feedback = Feedback.STOPPING;
  }

  /** Stops a probe before it reaches the volume at which the last one lost too much. */
  void onPrecaution() {
    precautionary = true;
  }

  void onSuccess() {
    tooHigh = false;
  }

  /** The probe put too much in flight; it answers for that once. */
  void onTooHigh() {
    tooHigh = true;
    collecting = false;
  }

  /**
   * Advances at a round's start.
   *
   * @return whether the round ended the feedback of a probe
   */
  boolean endsFeedback(boolean roundStarted) {
    if (!roundStarted) {
      return false;
    }
    if (feedback == Feedback.STARTING) {
      feedback = Feedback.PROBING;
    }
    if (feedback != Feedback.STOPPING) {
      return false;
    }
    collecting = false;
    feedback = Feedback.NONE;
    return true;
  }

  /** Whether the last probe stopped out of precaution and, as it turned out, needlessly. */
  boolean mayResume() {
    return precautionary && !tooHigh;
  }

  boolean isDue(long nowNs, long targetPackets) {
    return nowNs > cycleStartNs + waitNs || rounds >= Math.min(targetPackets, ROUNDS_MAX);
  }

  /** What was in flight before the last probe, 0 before the first. */
  long startBytes() {
    return startBytes;
  }

  /** Whether packets that are now reported left during a probe that has not yet answered. */
  boolean isCollecting() {
    return collecting;
  }

  /** Whether the last probe lost too much. */
  boolean wasTooHigh() {
    return tooHigh;
  }
}
