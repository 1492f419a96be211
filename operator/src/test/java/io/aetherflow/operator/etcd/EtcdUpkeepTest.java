package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What nobody foresaw, without an etcd. */
class EtcdUpkeepTest {
  private final List<Upkeep> told = new ArrayList<>();
  private boolean broken = true;
  private final EtcdUpkeep upkeep =
      new EtcdUpkeep(
          UpkeepPlan.DEFAULT,
          this::situation,
          endpoints -> {
            throw new AssertionError("nothing is to be done to an etcd that does not serve");
          },
          this::onChange,
          () -> 1);

  @AfterEach
  void close() {
    upkeep.close();
  }

  @Test
  void aFailureIsToldOnceEndsTheRoundAndTheNextLooksAgain() throws Exception {
    upkeep.workOff();
    upkeep.workOff();
    assertThat(told)
        .containsExactly(
            new Upkeep(false, "java.lang.IllegalStateException: no situation; it is tried again"));
    assertThat(upkeep.hold(true)).as("nothing is under way, so a member may stop").isTrue();

    broken = false;
    upkeep.workOff();
    assertThat(told).as("what was told is taken back").hasSize(2).last().isEqualTo(Upkeep.NONE);
  }

  private void onChange() {
    told.add(upkeep.upkeep());
  }

  private EtcdUpkeep.Situation situation() {
    if (broken) {
      throw new IllegalStateException("no situation");
    }
    EtcdTarget.Member away = new EtcdTarget.Member("solo", "http://127.0.0.1:9");
    return new EtcdUpkeep.Situation(new EtcdTarget(List.of(away), ""), false, true);
  }
}
