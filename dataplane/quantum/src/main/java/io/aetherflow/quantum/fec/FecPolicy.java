package io.aetherflow.quantum.fec;

/**
 * Decides whether packets get parity and how much. One per connection, one thread; allocates
 * nothing per call. Times are nanoseconds.
 */
public interface FecPolicy {
  /**
   * Whether a packet that is about to leave joins a parity group.
   *
   * @param smoothedRttNs round trip, 0 before the first sample
   * @param backlogBytes what waits behind this packet; much of it means bulk
   */
  boolean active(long nowNs, long smoothedRttNs, long minRttNs, long backlogBytes);

  /** How many parity packets a group of {@code sources} packets gets, 0 to {@link #repairsMax}. */
  int repairs(int sources);

  /** The most that {@link #repairs} answers for any group of at most {@code groupSize} sources. */
  int repairsMax(int groupSize);

  /** A packet of ours arrived. */
  void onDelivered(long nowNs);

  /** A packet of ours was lost, repaired or not. */
  void onLost(long nowNs);
}
