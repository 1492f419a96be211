package io.aetherflow.quantum.fec;

/**
 * As much parity as the measured loss calls for, and none where it buys nothing: on a path that
 * hardly loses, where a retransmission is as quick, and in the middle of bulk data, which waits for
 * its end anyway. Both switches have a dead band, so that parity does not flap. Not thread-safe.
 */
public final class AdaptiveFec implements FecPolicy {
  /** Below this windowed loss parity stops. */
  static final double LOSS_SHARE_OFF = 0.002;

  /** From this windowed loss it starts: two losses within about 350 packets. */
  static final double LOSS_SHARE_ON = 0.003;

  /** A retransmission, 9/8 of a round trip, that comes quicker than this needs no parity. */
  static final long RETRANSMISSION_NS_OFF = 10_000_000;

  /** Once it was that quick, it must become so slow before parity starts. */
  static final long RETRANSMISSION_NS_ON = 12_000_000;

  /** Less than this behind a packet is no bulk, however slow the pace still is. */
  static final long BULK_BYTES_MIN = 64 * 1024;

  /** Bursts this long on average call for spacing; independent losses of 10 % stay below. */
  static final double BURST_PACKETS_SPACED = 1.5;

  /**
   * Long enough to pass a burst of 16 full packets at 100 Mbit/s, short enough for the third repair
   * after a flush timer of 4 ms to come within 10 ms.
   */
  static final long SPACING_NS = 2_000_000;

  /**
   * Repairs that a short group may have above its ratio: up to one more than its sources, so that a
   * lone packet gets two copies, but no more than three.
   */
  private static final int SHORT_GROUP_REPAIRS_MAX = 3;

  private static final double NS_PER_SECOND = 1e9;
  private static final RepairTable TABLE = new RepairTable();

  private final LossEstimator losses;
  private final int ratioPercent;
  private boolean lossy = true;
  private boolean slow = true;

  /**
   * @param losses what the path loses; the connection feeds it, also while parity is off
   * @param ratioPercent most repairs per 100 sources of a full group, 1 to 100
   */
  public AdaptiveFec(LossEstimator losses, int ratioPercent) {
    this.losses = losses;
    this.ratioPercent = FecPolicy.checkRatio(ratioPercent);
  }

  @Override
  public boolean protects(
      long nowNs, long smoothedRttNs, boolean validated, long queuedBytes, long bytesPerSecond) {
    losses.advance(nowNs);
    lossy = losses.lossShare() >= (lossy ? LOSS_SHARE_OFF : LOSS_SHARE_ON);
    long retransmissionNs = smoothedRttNs + smoothedRttNs / 8;
    if (smoothedRttNs > 0) {
      slow = retransmissionNs >= (slow ? RETRANSMISSION_NS_OFF : RETRANSMISSION_NS_ON);
    }
    return validated && lossy && slow && !isBulk(queuedBytes, bytesPerSecond, retransmissionNs);
  }

  /** Whether so much follows a packet that its retransmission comes before the end does. */
  private static boolean isBulk(long queuedBytes, long bytesPerSecond, long retransmissionNs) {
    long untilRetransmission = (long) (bytesPerSecond * (retransmissionNs / NS_PER_SECOND));
    return queuedBytes > Math.max(untilRetransmission, BULK_BYTES_MIN);
  }

  @Override
  public int repairs(int k) {
    return TABLE.repairs(k, losses.lossShare(), cap(k));
  }

  @Override
  public int repairsMax(int groupSize) {
    return cap(groupSize);
  }

  private int cap(int k) {
    int shortGroup = Math.min(k + 1, SHORT_GROUP_REPAIRS_MAX);
    return Math.max(shortGroup, FecPolicy.ceilRatio(ratioPercent, k));
  }

  @Override
  public long spacingNs() {
    return losses.meanBurstPackets() >= BURST_PACKETS_SPACED ? SPACING_NS : 0;
  }
}
