package io.aetherflow.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.bench.lab.NetworkLab;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real namespaces, real child JVMs, every subject, seconds instead of minutes. */
@Tag("lab")
class EndToEndTest {
  @TempDir private Path directory;

  @Test
  void rpcMeasuresEverySubject() throws Exception {
    JsonNode json = run("rpc --rtt 10ms --rate 100mbit --seconds 3 --warmup 1 --rps 100");
    assertThat(values(json, "quantum", "p50")).hasSize(2).allMatch(ms -> ms >= 10);
    assertThat(values(json, "tcp", "p50")).hasSize(2).allMatch(ms -> ms >= 10);
    assertThat(values(json, "quic", "p50")).hasSize(2).allMatch(ms -> ms >= 10);
  }

  @Test
  void goodputMeasuresEverySubject() throws Exception {
    JsonNode json = run("goodput --rtt 10ms --rate 20mbit --seconds 3 --warmup 2 --seeds 1");
    for (String subject : List.of("quantum", "tcp", "quic", "kcp", "floor")) {
      assertThat(values(json, subject, "goodput"))
          .as(subject)
          .isNotEmpty()
          .allMatch(rate -> rate > 1 && rate <= 20);
    }
  }

  private JsonNode run(String command) throws Exception {
    assumeTrue(NetworkLab.isPossible(), "needs root");
    Path file = directory.resolve("result.json");
    int code = BenchMain.run((command + " --json " + file).split(" "));
    assertThat(code).isZero();
    return new ObjectMapper().readTree(file.toFile());
  }

  private static List<Double> values(JsonNode json, String subject, String metric) {
    return json.get("rows")
        .valueStream()
        .filter(row -> row.get("subject").asText().equals(subject))
        .filter(row -> row.get("metric").asText().equals(metric))
        .flatMap(row -> Stream.of(row.get("value").asDouble()))
        .toList();
  }
}
