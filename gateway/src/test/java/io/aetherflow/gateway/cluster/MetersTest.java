package io.aetherflow.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetersTest {
  private static final String TEXT =
      """
      # HELP lost_total lost "packets" {of all}
      # TYPE lost_total counter
      lost_total 3.0
      sent_total{kind="a",why="x y"} 1.5E3
      sent_total{kind="b"} 2
      other_total 9
      broken_total many
      rtt_seconds_bucket{kind="a",le="0.001"} 1
      rtt_seconds_bucket{kind="a",le="+Inf"} 4
      rtt_seconds_bucket{kind="b",le="0.001"} 2
      rtt_seconds_bucket{kind="b",le="+Inf"} 3
      rtt_seconds_count{kind="a"} 4
      no-sense
      """;

  @Test
  void whatIsWantedIsSummedOverItsLabels() {
    Meters meters =
        Meters.parse(
            TEXT,
            Set.of("lost_total", "sent_total", "broken_total", "absent_total"),
            Set.of("rtt_seconds"));

    assertThat(meters.values())
        .containsExactlyInAnyOrderEntriesOf(Map.of("lost_total", 3.0, "sent_total", 1502.0));
    assertThat(meters.histograms())
        .containsExactlyEntriesOf(
            Map.of(
                "rtt_seconds",
                new java.util.TreeMap<>(Map.of(0.001, 3.0, Double.POSITIVE_INFINITY, 7.0))));
  }
}
