package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OperationsInFlightTest {
  private final List<Long> stored = new ArrayList<>();
  private long nowNs;
  private final OperationsInFlight inFlight =
      new OperationsInFlight(3, 100, () -> nowNs, stored::add);

  @Test
  void onlyWhatIsStoredCountsAndOnce() {
    inFlight.add("d", 1, 1);
    nowNs = 5;
    inFlight.add("d", 1, 1);
    inFlight.add("d", 2, 1);
    nowNs = 7;
    inFlight.stored("d", 1);
    inFlight.stored("d", 1);
    inFlight.remove("d", 2);
    assertThat(stored).containsExactly(7L);
  }

  @Test
  void numberIsBounded() {
    assertThat(inFlight.add("d", 1, 1)).isTrue();
    assertThat(inFlight.add("d", 2, 1)).isTrue();
    assertThat(inFlight.add("d", 3, 1)).isTrue();
    assertThat(inFlight.add("d", 4, 1)).isFalse();
    assertThat(inFlight.add("d", 3, 1)).as("sent twice").isTrue();
    inFlight.remove("d", 1);
    assertThat(inFlight.add("d", 4, 1)).isTrue();
  }

  @Test
  void bytesAreBounded() {
    assertThat(inFlight.add("d", 1, 50)).isTrue();
    assertThat(inFlight.manyBytes()).isFalse();
    assertThat(inFlight.add("e", 1, 50)).isTrue();
    assertThat(inFlight.manyBytes()).isTrue();
    assertThat(inFlight.add("e", 2, 1)).isFalse();
    inFlight.removeAll("d");
    assertThat(inFlight.manyBytes()).isFalse();
    assertThat(inFlight.add("e", 2, 50)).isTrue();
    inFlight.remove("e", 9);
    assertThat(inFlight.add("e", 3, 1)).as("an unknown answer frees nothing").isFalse();
  }
}
