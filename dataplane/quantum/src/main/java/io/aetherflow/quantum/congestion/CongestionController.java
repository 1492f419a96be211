package io.aetherflow.quantum.congestion;

/**
 * How much may be in flight and how fast it may leave. One per path, one thread. Bytes are datagram
 * lengths, times are nanoseconds of the connection's clock. Every number that was sent is answered
 * once, by {@link #onAcked} or {@link #onLost}; numbers that a new path left behind are not
 * answered. Implementations allocate nothing per packet.
 */
public interface CongestionController {
  /**
   * @param appLimited whether nothing more was waiting when this packet left
   * @param bytesInFlight with this packet
   */
  void onPacketSent(long number, int bytes, long nowNs, boolean appLimited, long bytesInFlight);

  void onAcked(long number, int bytes, long sentNs, long nowNs);

  /** Lost, or rebuilt from parity, which is a loss all the same. */
  void onLost(long number, int bytes, long sentNs, long nowNs);

  /** Ends the calls that one acknowledgement caused. */
  void onAckEventEnd(
      long nowNs, long bytesInFlight, long latestRttNs, long minRttNs, long smoothedRttNs);

  long congestionWindowBytes();

  long pacingRateBytesPerSecond();

  /** How much may leave at once; pacing spreads what exceeds it. */
  int sendQuantumBytes();

  /** Nothing arrived for several probe timeouts. */
  void onPersistentCongestion(long nowNs);

  /** The largest datagram of the path changed. */
  void onMtuChanged(int bytes);

  /** The connection could send more, but has nothing. */
  void onAppLimited(long bytesInFlight);

  /**
   * @param startupGainPercent pacing gain of the start-up phase, 277 by default
   * @param maxCwndPackets upper bound of the window in packets of the path's size
   */
  void setTuning(int startupGainPercent, int maxCwndPackets);
}
