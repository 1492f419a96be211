package io.aetherflow.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.faults.Fault.Blow;
import io.aetherflow.e2e.faults.Fault.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultDeckTest {
  @Test
  void nineOf36HitOwnersAndTheSeedDecides() {
    List<Fault> faults = take(new FaultDeck(5), 36);
    assertThat(faults).filteredOn(fault -> fault.target() == Target.OWNER).hasSize(9);
    assertThat(faults)
        .isEqualTo(take(new FaultDeck(5), 36))
        .isNotEqualTo(take(new FaultDeck(6), 36));
  }

  @Test
  void pausesLast2To8Seconds() {
    assertThat(take(new FaultDeck(1), 400))
        .extracting(Fault::blow)
        .hasAtLeastOneElementOfType(Blow.Kill.class)
        .filteredOn(Blow.Pause.class::isInstance)
        .isNotEmpty()
        .allSatisfy(
            blow -> assertThat(((Blow.Pause) blow).time().toMillis()).isBetween(2_000L, 8_000L));
  }

  @Test
  void whatMayNotBeHitNowComesLater() {
    FaultDeck deck = new FaultDeck(3);
    List<Target> first = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      deck.next(target -> target != Target.ETCD).ifPresent(fault -> first.add(fault.target()));
    }
    assertThat(first).hasSize(4).doesNotContain(Target.ETCD);
    assertThat(deck.next(target -> target == Target.ETCD)).isPresent();
    assertThat(deck.next(target -> false)).isEmpty();
  }

  private static List<Fault> take(FaultDeck deck, int count) {
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      deck.next(target -> true).ifPresent(faults::add);
    }
    return faults;
  }
}
