package io.aetherflow.bench.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @Test
  void unitsAreThoseOfNetworkTools() {
    assertThat(Quantity.durationNs("50ms")).isEqualTo(50_000_000);
    assertThat(Quantity.durationNs("0.5s")).isEqualTo(500_000_000);
    assertThat(Quantity.bitsPerSecond("100mbit")).isEqualTo(100_000_000);
    assertThat(Quantity.share("2%")).isEqualTo(0.02);
  }

  @ParameterizedTest
  @ValueSource(strings = {"50", "ms", "-5ms", "5 ms", "5m", "1e3ms", ""})
  void otherTimesAreRefusedInOneSentence(String text) {
    assertThatThrownBy(() -> Quantity.durationNs(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is not a time such as 50ms, 500us or 2s.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"100%", "250%"})
  void allPacketsCannotBeLost(String text) {
    assertThatThrownBy(() -> Quantity.share(text)).hasMessageContaining("below 100%");
  }

  @Test
  void queuesHaveAFloorOf64Packets() {
    assertThat(QueueSize.parse("1bdp").bytes(100_000_000, 50_000_000)).isEqualTo(625_000);
    assertThat(QueueSize.parse("1bdp").bytes(100_000_000, 1_000_000)).isEqualTo(96_000);
    assertThat(QueueSize.parse("200packets").bytes(0, 0)).isEqualTo(300_000);
    assertThatThrownBy(() -> QueueSize.parse("0bdp")).hasMessageContaining("is not a queue");
  }
}
