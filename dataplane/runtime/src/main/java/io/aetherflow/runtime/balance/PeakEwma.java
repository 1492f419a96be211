package io.aetherflow.runtime.balance;

/**
 * What a call to one endpoint takes: a moving average that rises at once with a slow answer and
 * sinks over {@link #DECAY_NS}. After Finagle's PeakEwma. Not thread-safe.
 */
final class PeakEwma {
  /** Old answers have lost two thirds of their weight after this time. */
  static final long DECAY_NS = 10_000_000_000L;

  private double costNs;
  private long stampNs;
  private boolean sampled;

  PeakEwma(long nowNs) {
    stampNs = nowNs;
  }

  void observe(long tookNs, long nowNs) {
    double sample = Math.max(1, tookNs);
    costNs = sample > costNs ? sample : decayed(sample, nowNs);
    stampNs = nowNs;
    sampled = true;
  }

  /** Sinks while nothing is observed, so that an endpoint once slow gets another chance. */
  double costNs(long nowNs) {
    return decayed(0, nowNs);
  }

  boolean sampled() {
    return sampled;
  }

  private double decayed(double towards, long nowNs) {
    double weight = Math.exp(-(double) Math.max(0, nowNs - stampNs) / DECAY_NS);
    return costNs * weight + towards * (1 - weight);
  }
}
