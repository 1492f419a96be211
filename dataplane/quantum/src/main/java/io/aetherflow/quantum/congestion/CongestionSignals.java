package io.aetherflow.quantum.congestion;

/**
 * What the last round delivered and lost (section "When not Probing for Bandwidth"). A loss round
 * is a packet-timed round of its own, begun by the first loss. Not thread-safe.
 */
final class CongestionSignals {
  /** Runs of lost packets that exclude a mere burst (BBRStartupFullLossCnt). */
  private static final int STARTUP_LOSS_RUNS = 6;

  private long bandwidthLatest;
  private long inflightLatest;
  private long roundEndDelivered;
  private boolean roundEnded;

  private boolean lossInRound;
  private boolean queue;
  private boolean appLimited;
  private long lostBytes;
  private int lossRuns;
  private long lastLost;
  private long roundStartDelivered;

  private boolean endedWithCongestion;
  private boolean endedHeavy;
  private boolean endedWithHighLoss;

  void onLost(long number, int bytes, boolean withQueue, long delivered) {
    if (!lossInRound) {
      lossInRound = true;
      roundEndDelivered = delivered;
      roundStartDelivered = delivered;
    }
    queue |= withQueue;
    lostBytes += bytes;
    if (number != lastLost + 1) {
      lossRuns++;
    }
    lastLost = number;
  }

  /** A loss was none; a round that has no other says nothing. */
  void onSpuriousLoss(int bytes) {
    lostBytes = Math.max(lostBytes - bytes, 0);
    if (lossInRound && lostBytes == 0) {
      lossInRound = false;
      queue = false;
      lossRuns = 0;
    }
  }

  /**
   * Near the start of an acknowledgement.
   *
   * @param heavy whether losses are too many to be random
   * @param lossShareMax the most loss that is no reason to end Startup
   */
  void beforeModel(DeliverySampler sample, boolean heavy, double lossShareMax) {
    bandwidthLatest = Math.max(bandwidthLatest, sample.rate());
    inflightLatest = Math.max(inflightLatest, sample.sampleDelivered());
    appLimited |= sample.sampleAppLimited();
    roundEnded = sample.priorDelivered() >= roundEndDelivered;
    if (roundEnded) {
      endRound(sample.delivered(), heavy, lossShareMax);
    }
  }

  private void endRound(long delivered, boolean heavy, double lossShareMax) {
    long settledBytes = delivered - roundStartDelivered + lostBytes;
    boolean lowersBounds = lossInRound && (queue || heavy) && !appLimited;
    endedWithCongestion = lowersBounds;
    endedHeavy = heavy;
    endedWithHighLoss =
        lowersBounds && lossRuns >= STARTUP_LOSS_RUNS && lostBytes > settledBytes * lossShareMax;
    roundEndDelivered = delivered;
    roundStartDelivered = delivered;
    lossInRound = false;
    queue = false;
    appLimited = false;
    lostBytes = 0;
    lossRuns = 0;
  }

  /** At the end of an acknowledgement. */
  void afterModel(DeliverySampler sample) {
    if (roundEnded) {
      bandwidthLatest = sample.rate();
      inflightLatest = sample.sampleDelivered();
    }
  }

  /** Forgets the round, when a phase begins whose losses mean something else. */
  void reset() {
    lossInRound = false;
    queue = false;
    appLimited = false;
    lostBytes = 0;
    lossRuns = 0;
    bandwidthLatest = 0;
    inflightLatest = 0;
  }

  /** Whether this acknowledgement ended a round whose loss speaks of congestion. */
  boolean endedWithCongestion() {
    return roundEnded && endedWithCongestion;
  }

  /** Whether that loss was heavy, queue or not. */
  boolean endedHeavy() {
    return endedHeavy;
  }

  /** Whether that loss was also high and scattered enough to end Startup. */
  boolean endedWithHighLoss() {
    return roundEnded && endedWithHighLoss;
  }

  /** Highest rate of the round. */
  long bandwidthLatest() {
    return bandwidthLatest;
  }

  /** Most bytes delivered in a round trip of the round. */
  long inflightLatest() {
    return inflightLatest;
  }
}
