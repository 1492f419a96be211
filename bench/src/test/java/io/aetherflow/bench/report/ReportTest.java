package io.aetherflow.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Report report =
      new Report(
          "tuning",
          Map.of("cpus", 2),
          List.of(
              new Row("tuning", Map.of("edits", 50), "p50", "ms", 12.25),
              new Row("tuning", Map.of("edits", 50), "p99", "ms", 140)));

  @Test
  void jsonHasTheSharedFormat() throws Exception {
    JsonNode json = new ObjectMapper().readTree(report.toJson());

    assertThat(json.fieldNames()).toIterable().containsExactly("name", "env", "rows");
    JsonNode row = json.at("/rows/0");
    assertThat(row.fieldNames())
        .toIterable()
        .containsExactly("subject", "params", "metric", "unit", "value");
    assertThat(row.at("/params/edits").asInt()).isEqualTo(50);
    assertThat(row.at("/value").asDouble()).isEqualTo(12.25);
  }

  @Test
  void tableAlignsItsColumns() {
    assertThat(report.toTable().lines())
        .containsExactly(
            "SUBJECT   PARAMS     METRIC   VALUE   UNIT",
            "tuning    edits=50   p50      12.3    ms",
            "tuning    edits=50   p99      140.0   ms");
  }

  @Test
  void quantilesAreInMilliseconds() {
    Quantiles quantiles = new Quantiles();
    for (int millis = 1; millis <= 100; millis++) {
      quantiles.record(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    assertThat(value(quantiles, "p50")).isBetween(49.9, 50.1);
    assertThat(value(quantiles, "p99")).isBetween(98.8, 99.2);
    assertThat(value(quantiles, "max")).isBetween(99.8, 100.2);
  }

  private static double value(Quantiles quantiles, String metric) {
    return quantiles.rows("x", Map.of()).stream()
        .filter(row -> row.metric().equals(metric))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
