package io.aetherflow.quantum.congestion;

/**
 * A window that never changes, paced over the smoothed round trip. For tests and for links whose
 * rate is known; it does not react to loss and must not be used on a shared network.
 */
public final class FixedWindowController implements CongestionController {
  private static final long NS_PER_SECOND = 1_000_000_000;

  /** Pacing runs a quarter faster than window per round trip, so that it never limits alone. */
  private static final int PACING_PERCENT = 125;

  private final long windowBytes;
  private long rateBytesPerSecond;
  private int mtuBytes = 1200;
  private int maxCwndPackets = Integer.MAX_VALUE;

  public FixedWindowController(long windowBytes) {
    this.windowBytes = windowBytes;
    rateBytesPerSecond = windowBytes * 20;
  }

  @Override
  public void onPacketSent(
      long number, int bytes, long nowNs, boolean appLimited, long bytesInFlight) {}

  @Override
  public void onAcked(long number, int bytes, long sentNs, long nowNs) {}

  @Override
  public void onLost(long number, int bytes, long sentNs, long nowNs) {}

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {}

  @Override
  public void onAckEventEnd(
      long nowNs, long bytesInFlight, long latestRttNs, long minRttNs, long smoothedRttNs) {
    if (smoothedRttNs > 0) {
      double perSecond = (double) congestionWindowBytes() * NS_PER_SECOND / smoothedRttNs;
      rateBytesPerSecond = Math.max((long) (perSecond * PACING_PERCENT / 100), mtuBytes);
    }
  }

  @Override
  public long congestionWindowBytes() {
    return Math.min(windowBytes, (long) maxCwndPackets * mtuBytes);
  }

  @Override
  public long pacingRateBytesPerSecond() {
    return rateBytesPerSecond;
  }

  @Override
  public int sendQuantumBytes() {
    return (int) Math.clamp(rateBytesPerSecond / 1000, 2L * mtuBytes, 1L << 16);
  }

  @Override
  public void onPersistentCongestion(long nowNs) {}

  @Override
  public void onMtuChanged(int bytes) {
    mtuBytes = bytes;
  }

  @Override
  public void onAppLimited(long bytesInFlight) {}

  @Override
  public void setTuning(int startupGainPercent, int maxCwndPackets) {
    this.maxCwndPackets = maxCwndPackets;
  }
}
