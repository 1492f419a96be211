package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.operator.etcd.BackupReport;
import io.aetherflow.operator.model.BackupPlan;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackupHealthTest {
  private static final Instant MADE = Instant.parse("2026-03-01T00:00:00Z");
  private static final Instant TAKEN = Instant.parse("2026-03-01T06:00:00Z");
  private static final Duration OVERDUE = Duration.ofHours(2).plusMinutes(2);

  @Test
  void aVerifiedSnapshotIsGoodUntilTwoAreMissing() {
    BackupHealth fresh = at(TAKEN.plusSeconds(1), report(null));
    assertThat(fresh.verdict().isTrue()).isTrue();
    assertThat(fresh.changesIn()).contains(OVERDUE.minusSeconds(1));
    assertThat(fresh.trouble()).isEmpty();

    assertThat(at(TAKEN.plus(OVERDUE).minusSeconds(1), report(null)).verdict().isTrue()).isTrue();
    BackupHealth late = at(TAKEN.plus(OVERDUE), report(null));
    assertThat(late.verdict().reason()).isEqualTo("SnapshotOverdue");
    assertThat(late.trouble().orElseThrow().message()).contains("good.db");
    assertThat(late.changesIn()).isEmpty();
  }

  @Test
  void aFailureIsToldWithTheLastGoodOne() {
    BackupHealth failed = at(TAKEN.plusSeconds(1), report("No space left on device"));
    assertThat(failed.verdict().reason()).isEqualTo("SnapshotFailed");
    assertThat(failed.verdict().message()).contains("No space left on device", "good.db");
    assertThat(failed.lastGood()).isEqualTo(TAKEN);
    assertThat(failed.status().orElseThrow().lastSnapshot()).isEqualTo("good.db");
  }

  @Test
  void aKeeperThatNeverTellsIsOverdueInTheEnd() {
    assertThat(at(MADE.plusSeconds(1), null).verdict().reason()).isEqualTo("NoSnapshotYet");
    assertThat(at(MADE.plus(OVERDUE), null).verdict().reason()).isEqualTo("SnapshotOverdue");
  }

  @Test
  void withoutASpecThereIsNothingToTell() {
    BackupHealth none =
        new BackupHealth(
            new Names("demo", "shop"),
            false,
            Optional.empty(),
            Optional.of(report("old")),
            MADE,
            TAKEN);
    assertThat(none.verdict().reason()).isEqualTo("NotConfigured");
    assertThat(none.trouble()).isEmpty();
    assertThat(none.status()).isEmpty();
  }

  private static BackupHealth at(Instant now, BackupReport report) {
    BackupPlan hourly = new BackupPlan(3_600, 7, new Quantity("1Gi"), Optional.empty());
    return new BackupHealth(
        new Names("demo", "shop"),
        false,
        Optional.of(hourly),
        Optional.ofNullable(report),
        MADE,
        now);
  }

  private static BackupReport report(String problem) {
    return new BackupReport("shop/demo", "good.db", TAKEN.toString(), 4_128, 3, 0, problem);
  }
}
