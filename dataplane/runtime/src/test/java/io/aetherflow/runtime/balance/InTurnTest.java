package io.aetherflow.runtime.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InTurnTest {
  @Test
  void asManyPicksAsThereAreItemsReachAll() {
    List<String> items = List.of("a", "b", "c");
    for (int first = 0; first < items.size(); first++) {
      InTurn inTurn = new InTurn(first);
      assertThat(Stream.generate(() -> inTurn.pick(items)).limit(3))
          .as("from %d", first)
          .containsExactlyInAnyOrder("a", "b", "c");
    }
  }

  @Test
  void countingMayOverflow() {
    InTurn inTurn = new InTurn(Integer.MAX_VALUE);
    assertThat(inTurn.pick(List.of("a"))).isEqualTo(inTurn.pick(List.of("a")));
  }
}
