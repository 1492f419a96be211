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

  /** A round without probing ended with congestion (LossLowerBounds). */
  void lowerShortterm(long maxBandwidth, long windowBytes, CongestionSignals signals) {
    shorttermFromQueue = !signals.endedHeavy();
    long bandwidth = bandwidthShortterm == INFINITE ? maxBandwidth : bandwidthShortterm;
    long inflight = inflightShortterm == INFINITE ? windowBytes : inflightShortterm;
    bandwidthShortterm = Math.max(signals.bandwidthLatest(), beta(bandwidth));
    inflightShortterm = Math.max(signals.inflightLatest(), beta(inflight));
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
    long headroom = Math.max(mtuBytes, inflightLongterm * HEADROOM_PERCENT / 100);
    return Math.max(inflightLongterm - headroom, minWindowBytes);
  }

  static long beta(long value) {
    return (long) (value * (BETA_PERCENT / 100.0));
  }
}
