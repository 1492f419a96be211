package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;

/**
 * Follows one connection, or several, for metrics, traces and tests. Called from the packet path:
 * implementations allocate nothing and return quickly. Numbers are packet numbers, times are
 * nanoseconds of the connection's clock.
 */
public interface ConnectionTrace {
  /** Ignores everything. */
  ConnectionTrace NONE = new ConnectionTrace() {};

  /**
   * @param handshakeNs since the connection was made
   */
  default void onEstablished(long handshakeNs, long nowNs) {}

  /** Streams move no more; called once, also for a connection that was never established. */
  default void onClosed(CloseReason reason, long nowNs) {}

  /**
   * @param bytes datagram length
   * @param inFlight whether it counts as in flight, which pure acknowledgements do not
   */
  default void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {}

  default void onPacketReceived(long number, int bytes, long nowNs) {}

  /** A datagram for this connection was not taken. */
  default void onDropped(DropReason reason, int bytes, long nowNs) {}

  default void onPacketAcked(long number, int bytes, long sentNs, long nowNs) {}

  default void onPacketLost(long number, int bytes, long sentNs, long nowNs) {}

  default void onSpuriousLoss(long number, int bytes, long nowNs) {}

  /** The peer rebuilt this packet of ours; {@code wasLost} if we had declared it lost before. */
  default void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {}

  /**
   * We rebuilt this packet of the peer's, and what it carries is with its streams.
   *
   * @param nominalNs when it should have arrived, as far as a receiver can know: the arrival of the
   *     first packet with a larger number. Without reordering the true time is no later, and
   *     earlier by no more than the pause that the sender made after the packet.
   */
  default void onRecovered(long number, long nominalNs, long nowNs) {}

  /**
   * A packet left with frames that an earlier one carried.
   *
   * @param probe whether it is a tail-loss probe; otherwise the earlier one was declared lost
   */
  default void onRetransmission(long number, boolean probe, long nowNs) {}

  /** A packet left that parity protects. */
  default void onSourceSent(long number, int group, long nowNs) {}

  /** A parity packet left. */
  default void onRepairSent(long number, int sources, long nowNs) {}

  default void onRtt(long sampleNs, long nowNs) {}

  /**
   * An acknowledgement or a loss was taken.
   *
   * @param metrics valid during the call
   */
  default void onMetrics(PathMetrics metrics, long nowNs) {}

  /** Congestion control moved on; the first phase is told with the first metrics. */
  default void onCongestionPhase(String phase, long nowNs) {}

  /** The largest datagram that the path is known to carry has changed. */
  default void onMtuChanged(int bytes, long nowNs) {}

  /** The peer has proved another address and is now reached there. */
  default void onPathChanged(PeerAddress peer, long nowNs) {}
}
