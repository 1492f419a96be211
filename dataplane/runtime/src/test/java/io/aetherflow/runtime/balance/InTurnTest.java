package io.aetherflow.runtime.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InTurnTest {
  @Test
  void asManyPicksAsThereAreItemsReachAll() {
    List<String> items = List.of("a", "b", "c");
    for (int first = 0; first < items.size(); first++) {
      InTurn inTurn = new InTurn(first);
      assertThat(Stream.generate(() -> inTurn.pick(items, _ -> true)).limit(3))
          .as("from %d", first)
          .containsExactlyInAnyOrder("a", "b", "c");
    }
  }

  @Test
  void countingMayOverflow() {
    InTurn inTurn = new InTurn(Integer.MAX_VALUE);
    List<String> items = List.of("a");
    assertThat(inTurn.pick(items, _ -> true)).isEqualTo(inTurn.pick(items, _ -> true));
  }

  @Test
  void whoIsNotAdmittedIsSkippedAndTheOthersStillTakeTurns() {
    InTurn inTurn = new InTurn(0);
    assertThat(picks(inTurn, 4, item -> !item.equals("a"))).containsExactly("b", "c", "b", "c");
  }

  @Test
  void whenNoneIsAdmittedAllTakeTurns() {
    assertThat(picks(new InTurn(0), 3, _ -> false)).containsExactlyInAnyOrder("a", "b", "c");
  }

  private static List<String> picks(InTurn inTurn, int count, Predicate<String> admitted) {
    return Stream.generate(() -> inTurn.pick(List.of("a", "b", "c"), admitted))
        .limit(count)
        .toList();
  }
}
