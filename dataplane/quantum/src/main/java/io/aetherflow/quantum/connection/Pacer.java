package io.aetherflow.quantum.connection;

/** Spreads packets at a rate; a quantum may leave at once. Not thread-safe. */
final class Pacer {
  private static final double NS_PER_SECOND = 1e9;

  private long nextNs;

  boolean isReady(long nowNs) {
    return nowNs >= nextNs;
  }

  /** When the next packet may leave. */
  long nextNs() {
    return nextNs;
  }

  void onSent(int bytes, long nowNs, long bytesPerSecond, int quantumBytes) {
    double nsPerByte = NS_PER_SECOND / Math.max(bytesPerSecond, 1);
    long creditNs = (long) (quantumBytes * nsPerByte);
    nextNs = Math.max(nextNs, nowNs - creditNs) + (long) (bytes * nsPerByte);
  }

  void reset() {
    nextNs = 0;
  }
}
