package io.aetherflow.bench.report;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Latencies of one subject under one set of parameters, turned into rows. Not thread-safe. */
public final class Quantiles {
  private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Histogram histogram = new Histogram(3);

  public void record(long nanos) {
    histogram.recordValue(nanos);
  }

  /** Minimum, p50, p99, maximum and standard deviation in milliseconds. */
  public List<Row> rows(String subject, Map<String, Object> params) {
    return List.of(
        row(subject, params, "min", histogram.getMinValue()),
        row(subject, params, "p50", histogram.getValueAtPercentile(50)),
        row(subject, params, "p99", histogram.getValueAtPercentile(99)),
        row(subject, params, "max", histogram.getMaxValue()),
        row(subject, params, "stddev", histogram.getStdDeviation()));
  }

  private static Row row(String subject, Map<String, Object> params, String metric, double nanos) {
    return new Row(subject, params, metric, "ms", nanos / NANOS_PER_MILLI);
  }
}
