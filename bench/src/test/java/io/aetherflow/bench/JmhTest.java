package io.aetherflow.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.bench.jmh.Scenario;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every JMH benchmark runs; figures of so short a run mean nothing. */
class JmhTest {
  /** Three operations, each with two kernels. */
  private static final int KERNEL_ROWS = 6;

  @TempDir private Path directory;

  @Test
  void quickModeRunsEveryBenchmarkInThisJvm() throws Exception {
    Path file = directory.resolve("jmh.json");
    assertThat(BenchMain.run("jmh", "--quick", "--json", file.toString())).isZero();
    JsonNode rows = new ObjectMapper().readTree(file.toFile()).get("rows");
    List<JsonNode> times =
        rows.valueStream().filter(row -> row.get("metric").asText().equals("time")).toList();
    assertThat(times)
        .hasSize(KERNEL_ROWS + Scenario.values().length)
        .allSatisfy(row -> assertThat(row.get("value").asDouble()).isPositive());
  }

  @Test
  void anUnknownNameIsAnError() {
    assertThat(BenchMain.run("jmh", "--quick", "nosuchbenchmark")).isEqualTo(1);
  }
}
