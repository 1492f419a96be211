package io.aetherflow.quantum.connection;

/**
 * Follows the packets of a connection, for metrics, traces and tests. Called from the packet path:
 * implementations allocate nothing and return quickly. Numbers are packet numbers, times are
 * nanoseconds of the connection's clock.
 */
public interface ConnectionTrace {
  /** Ignores everything. */
  ConnectionTrace NONE = new ConnectionTrace() {};

  /**
   * @param bytes datagram length
   * @param inFlight whether it counts as in flight, which pure acknowledgements do not
   */
  default void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {}

  default void onPacketReceived(long number, int bytes, long nowNs) {}

  default void onPacketAcked(long number, int bytes, long sentNs, long nowNs) {}

  default void onPacketLost(long number, int bytes, long sentNs, long nowNs) {}

  default void onSpuriousLoss(long number, int bytes, long nowNs) {}

  /** The peer rebuilt this packet of ours; {@code wasLost} if we had declared it lost before. */
  default void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {}

  /** We rebuilt this packet of the peer's. */
  default void onRecovered(long number, long nowNs) {}

  /** A packet left with frames that an earlier, lost one carried. */
  default void onRetransmission(long number, long nowNs) {}

  /** A parity packet left. */
  default void onRepairSent(long number, int sources, long nowNs) {}

  default void onRtt(long sampleNs, long nowNs) {}
}
