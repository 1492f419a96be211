package io.aetherflow.bench.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One measured number.
 *
 * @param subject what was measured ({@code quantum}, {@code tcp}, {@code tuning}, ...)
 * @param params the variant it was measured under, in the order to print
 * @param metric {@code p50}, {@code p99}, {@code goodput}, ...
 * @param unit unit of the value, e.g. {@code ms}
 */
public record Row(
    String subject, Map<String, Object> params, String metric, String unit, double value) {
  public Row {
    params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
  }
}
