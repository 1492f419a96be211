package io.aetherflow.bench.rpc;

import java.util.random.RandomGenerator;

/** Arrival times with exponentially distributed gaps. Not thread-safe. */
final class PoissonArrivals {
  private static final double NANOS_PER_SECOND = 1e9;

  private final RandomGenerator random;
  private final double meanGapNs;
  private double atNs;

  PoissonArrivals(double perSecond, RandomGenerator random) {
    this.random = random;
    meanGapNs = NANOS_PER_SECOND / perSecond;
  }

  /** The next arrival, in nanoseconds from the start; never before the one that came last. */
  long nextNs() {
    atNs += meanGapNs * random.nextExponential();
    return (long) atNs;
  }
}
