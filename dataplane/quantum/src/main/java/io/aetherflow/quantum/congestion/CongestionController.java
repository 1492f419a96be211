package io.aetherflow.quantum.congestion;

/**
 * Decides how much may be in flight and how fast it leaves. The connection reports every packet
 * that counts in flight (parity like any other) and reads the three outputs before it sends. Times
 * are nanoseconds of one monotonic clock. Not thread-safe.
 */
public interface CongestionController {
  /**
   * A packet left.
   *
   * @param appLimited whether the send queue, and not this controller, holds the connection back
   * @param bytesInFlight including this packet
   */
  void onPacketSent(long number, int bytes, long nowNs, boolean appLimited, long bytesInFlight);

  /** The peer has the packet. */
  void onAcked(long number, int bytes, long sentNs, long nowNs);

  /** The packet is lost, or the peer rebuilt it from parity: either way the path dropped it. */
  void onLost(long number, int bytes, long sentNs, long nowNs);

  /**
   * Ends the batch of {@link #onAcked} and {@link #onLost} that one acknowledgement or one timer
   * caused; the outputs change here.
   *
   * @param bytesInFlight after the batch
   * @param latestRttNs last sample, 0 before the first
   * @param minRttNs smallest sample of the connection, 0 before the first
   */
  void onAckEventEnd(
      long nowNs, long bytesInFlight, long latestRttNs, long minRttNs, long smoothedRttNs);

  /** Most bytes in flight. */
  long congestionWindowBytes();

  /** Pacing rate; the connection spaces packets by it. */
  long pacingRateBytesPerSecond();

  /** Most bytes to send at once, a burst that pacing then pays for. */
  int sendQuantumBytes();

  /** Nothing was acknowledged for several probe timeouts (RFC 9002 section 7.6). */
  void onPersistentCongestion(long nowNs);

  /** The datagram size changed; windows that count packets follow. */
  void onMtuChanged(int bytes);

  /** The send queue ran empty while the window had room. */
  void onAppLimited(long bytesInFlight);

  /** New tuning, effective at once. */
  void setTuning(int startupGainPercent, int maxCwndPackets);

  /** The present phase's name, for traces; a controller without phases has none. */
  default String phaseName() {
    return "";
  }
}
