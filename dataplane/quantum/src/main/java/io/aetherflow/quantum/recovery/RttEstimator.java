package io.aetherflow.quantum.recovery;

/**
 * Round-trip time as in RFC 9002 section 5; all values in nanoseconds. Not thread-safe.
 *
 * <p>The minimum here is the connection's lifetime minimum, which adjusts for the ack delay; the
 * windowed minimum that congestion control needs is its own.
 */
public final class RttEstimator {
  /** Assumed before the first sample (RFC 9002 section 6.2.2). */
  public static final long INITIAL_NS = 333_000_000;

  /** Smallest timer granularity (RFC 9002 section 6.1.2). */
  public static final long GRANULARITY_NS = 1_000_000;

  /** Acknowledgements may wait so long on any path: sparse calls then mostly carry them along. */
  private static final long ACK_DELAY_NS_MIN = 5_000_000;

  /** On long paths a quarter of the round trip, which delays no window by more. */
  private static final int ACK_DELAY_SHARE = 4;

  private long latestNs;
  private long minNs;
  private long smoothedNs = INITIAL_NS;
  private long variationNs = INITIAL_NS / 2;

  /**
   * Takes a sample from an ack that newly covers the largest number of its packet.
   *
   * @param sampleNs send to ack; a sample below zero comes from a clock that jumped and is ignored
   * @param ackDelayNs what the peer says it waited, already capped at its promised maximum
   */
  public void onSample(long sampleNs, long ackDelayNs) {
    if (sampleNs < 0) {
      return;
    }
    boolean first = !hasSample();
    latestNs = Math.max(sampleNs, 1);
    if (first) {
      minNs = latestNs;
      smoothedNs = latestNs;
      variationNs = latestNs / 2;
      return;
    }
    minNs = Math.min(minNs, latestNs);
    long delayNs = Math.max(ackDelayNs, 0);
    long adjustedNs = latestNs - minNs >= delayNs ? latestNs - delayNs : latestNs;
    variationNs += (Math.abs(smoothedNs - adjustedNs) - variationNs) / 4;
    smoothedNs += (adjustedNs - smoothedNs) / 8;
  }

  /** Forgets everything, for a new path. */
  public void reset() {
    latestNs = 0;
    minNs = 0;
    smoothedNs = INITIAL_NS;
    variationNs = INITIAL_NS / 2;
  }

  public boolean hasSample() {
    return latestNs > 0;
  }

  /** The last sample, 0 before the first. */
  public long latestNs() {
    return latestNs;
  }

  /** The smallest sample, 0 before the first. */
  public long minNs() {
    return minNs;
  }

  public long smoothedNs() {
    return smoothedNs;
  }

  public long variationNs() {
    return variationNs;
  }

  /** How long a packet may go unacknowledged before it is lost: 9/8 of the larger RTT. */
  public long lossDelayNs() {
    long rttNs = Math.max(smoothedNs, latestNs);
    return Math.max(rttNs + rttNs / 8, GRANULARITY_NS);
  }

  /**
   * How long an acknowledgement is held back, on either end: a quarter of the round trip, at least
   * 5 ms, at most what was promised.
   */
  public long ackDelayNs(long promisedNs) {
    long shareNs = hasSample() ? smoothedNs / ACK_DELAY_SHARE : 0;
    return Math.min(promisedNs, Math.max(shareNs, ACK_DELAY_NS_MIN));
  }

  /** Time to a probe without back-off: smoothed + 4 variations + the peer's maximum ack delay. */
  public long probeTimeoutNs(long maxAckDelayNs) {
    return smoothedNs + Math.max(4 * variationNs, GRANULARITY_NS) + maxAckDelayNs;
  }
}
