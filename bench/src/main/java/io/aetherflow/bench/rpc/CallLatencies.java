package io.aetherflow.bench.rpc;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies of calls; a failed call counts as one that took for ever. Thread-safe. */
final class CallLatencies {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int DIGITS = 3;

  private static final Map<String, Double> QUANTILES = new LinkedHashMap<>();

  static {
    QUANTILES.put("p50", 0.5);
    QUANTILES.put("p90", 0.9);
    QUANTILES.put("p99", 0.99);
    QUANTILES.put("p99.9", 0.999);
    QUANTILES.put("max", 1.0);
  }

  private final Histogram succeeded = new ConcurrentHistogram(DIGITS);
  private final AtomicLong failed = new AtomicLong();

  void succeeded(long nanos) {
    succeeded.recordValue(Math.max(nanos, 0));
  }

  void failed() {
    failed.incrementAndGet();
  }

  long count() {
    return succeeded.getTotalCount() + failed.get();
  }

  long failures() {
    return failed.get();
  }

  /** The latency that the share {@code quantile} of all calls does not exceed, in nanoseconds. */
  double quantileNs(double quantile) {
    long rank = Math.max(1, (long) Math.ceil(quantile * count()));
    long successes = succeeded.getTotalCount();
    if (rank > successes) {
      return Double.POSITIVE_INFINITY;
    }
    return succeeded.getValueAtPercentile(100.0 * rank / successes);
  }

  /** The quantiles that reports show, in milliseconds, by name. */
  Map<String, Double> millis() {
    Map<String, Double> millis = new LinkedHashMap<>();
    QUANTILES.forEach((name, quantile) -> millis.put(name, quantileNs(quantile) / NANOS_PER_MILLI));
    return millis;
  }
}
