package io.aetherflow.quantum.connection;

/**
 * Spreads packets at a rate. After a pause of the application a quantum may leave at once; after a
 * wait for the pace, whatever the alarm was late for, or timers would lower the rate. Times are
 * nanoseconds. Not thread-safe.
 */
final class Pacer {
  private static final double NS_PER_SECOND = 1e9;

  /** Most lateness that is made up for: a long stall must not end in a burst that fills queues. */
  private static final long LATE_NS_MAX = 16_000_000;

  private long nextNs;
  private boolean waited;

  boolean isReady(long nowNs) {
    return nowNs >= nextNs;
  }

  /**
   * A packet waits for the pace alone. The alarm is set for when so many packets may leave together
   * as make a batch: an alarm and a system call for each would cost more than the packets.
   *
   * @param batchBytes of what waits, no more than BBR's send quantum
   * @param batchNs how long the first of a batch may wait for the last at most
   * @return when to try again
   */
  long onWait(int bytes, long bytesPerSecond, long batchBytes, long batchNs) {
    waited = true;
    double nsPerByte = NS_PER_SECOND / Math.max(bytesPerSecond, 1);
    long untilLastNs = (long) (Math.max(batchBytes - bytes, 0) * nsPerByte);
    long packetNs = (long) (bytes * nsPerByte);
    return nextNs + Math.min(untilLastNs, Math.max(batchNs - packetNs, 0));
  }

  /** Something else than the pace holds packets back, or there are none. */
  void onPause() {
    waited = false;
  }

  void onSent(int bytes, long nowNs, long bytesPerSecond, int quantumBytes) {
    double nsPerByte = NS_PER_SECOND / Math.max(bytesPerSecond, 1);
    long quantumNs = (long) (quantumBytes * nsPerByte);
    long creditNs = waited ? Math.max(quantumNs, LATE_NS_MAX) : quantumNs;
    nextNs = Math.max(nextNs, nowNs - creditNs) + (long) (bytes * nsPerByte);
  }

  void reset() {
    nextNs = 0;
  }
}
