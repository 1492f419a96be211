package io.aetherflow.quantum.congestion;

/**
 * The bounds that loss puts on rate and volume (section "Network Path Model Overview"): long-term
 * ones from bandwidth probes, short-term ones from losses in between, forgotten before each probe.
 * Not thread-safe.
 */
final class Bounds {
  static final long INFINITE = Long.MAX_VALUE;

  /** Factor of a decrease, that of CUBIC (BBR.Beta). */
  static final int BETA_PERCENT = 70;

  /** Room left for other flows (BBR.Headroom). */
  private static final int HEADROOM_PERCENT = 15;

  private long bandwidthShortterm = INFINITE;
  private long inflightShortterm = INFINITE;
  private long inflightLongterm = INFINITE;
  private boolean shorttermFromQueue;

  /**
   * A round without probing ended with congestion (LossLowerBounds). Until the next probe all such
   * rounds together take no more than one decrease, as CUBIC would make of them, unless loss is
   * heavy: a flow that does not give way would otherwise take the rest round by round.
   *
   * @param volumeBytes what the window would be without bounds
   */
  void lowerShortterm(
      long maxBandwidth, long windowBytes, long volumeBytes, CongestionSignals signals) {
    shorttermFromQueue = !signals.endedHeavy();
    long bandwidth = bandwidthShortterm == INFINITE ? maxBandwidth : bandwidthShortterm;
    long inflight = inflightShortterm == INFINITE ? windowBytes : inflightShortterm;
    bandwidthShortterm = Math.max(signals.bandwidthLatest(), beta(bandwidth));
    inflightShortterm = Math.max(signals.inflightLatest(), beta(inflight));
    if (!signals.endedHeavy()) {
      bandwidthShortterm = Math.max(bandwidthShortterm, Math.min(bandwidth, beta(maxBandwidth)));
      inflightShortterm = Math.max(inflightShortterm, Math.min(inflight, beta(volumeBytes)));
    }
  }

  /** Lifts what a queue called for, now that it is gone; what heavy loss called for stays. */
  void onQueueGone() {
    if (shorttermFromQueue) {
      resetShortterm();
    }
  }

  void resetShortterm() {
    bandwidthShortterm = INFINITE;
    inflightShortterm = INFINITE;
  }

  void setInflightLongterm(long bytes) {
    inflightLongterm = bytes;
  }

  /** Raises the long-term bound, if there is one, to a volume that was seen to be safe. */
  void raiseInflightLongterm(long bytes) {
    if (inflightLongterm != INFINITE) {
      inflightLongterm = Math.max(inflightLongterm, bytes);
    }
  }

  long bandwidthShortterm() {
    return bandwidthShortterm;
  }

  long inflightShortterm() {
    return inflightShortterm;
  }

  long inflightLongterm() {
    return inflightLongterm;
  }

  /** The long-term bound less what others may need. */
  long inflightWithHeadroom(int mtuBytes, long minWindowBytes) {
    if (inflightLongterm == INFINITE) {
      return INFINITE;
    }
    return Math.max(lessHeadroom(inflightLongterm, mtuBytes), minWindowBytes);
  }

  /** A volume less what others may need, at least a packet. */
  static long lessHeadroom(long bytes, int mtuBytes) {
    return bytes - Math.max(mtuBytes, bytes * HEADROOM_PERCENT / 100);
  }

  static long beta(long value) {
    return (long) (value * (BETA_PERCENT / 100.0));
  }
}
