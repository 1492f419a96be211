package io.aetherflow.quantum.fec;

/**
 * Decides which packets join a group and how many repairs it gets. The connection asks {@link
 * #protects} for each packet with stream data that it is about to send, and {@link #repairs} when a
 * group closes; whoever changes the tuning swaps the policy and keeps the {@link LossEstimator}.
 * Never for acknowledgements, probes and retransmissions; repairs that wait are dropped when all
 * sources of their group are acknowledged. Allocates nothing per packet. Not thread-safe.
 */
public sealed interface FecPolicy permits DisabledFec, FixedFec, AdaptiveFec {
  /**
   * Whether a packet that is about to be sent joins a group.
   *
   * @param smoothedRttNs 0 before the first sample
   * @param validated whether the peer's address is; before that every byte counts against the limit
   *     of three times what came from it
   * @param queuedBytes stream data that waits behind this packet
   * @param bytesPerSecond the pace at which that leaves
   */
  boolean protects(
      long nowNs, long smoothedRttNs, boolean validated, long queuedBytes, long bytesPerSecond);

  /** Repairs of a group that closes with k sources, 1 to 64. */
  int repairs(int k);

  /**
   * The most that {@link #repairs} answers for any k up to {@code groupSize}: the rows that {@link
   * GroupEncoder#open} must sum up.
   */
  int repairsMax(int groupSize);

  /**
   * Time from a group's last source to its first repair, and from repair to repair, so that a burst
   * of losses does not take all; 0 if losses stand alone.
   */
  long spacingNs();

  /** The ratio of repairs to sources, rounded up, within what a group may have. */
  static int ceilRatio(int ratioPercent, int k) {
    return Math.min((ratioPercent * k + 99) / 100, CodingMatrix.REPAIRS_MAX);
  }

  /** Checks a ratio from the tuning, 1 to 100 percent. */
  static int checkRatio(int ratioPercent) {
    if (ratioPercent < 1 || ratioPercent > 100) {
      throw new IllegalArgumentException("the ratio is 1 to 100 percent, not " + ratioPercent);
    }
    return ratioPercent;
  }
}
