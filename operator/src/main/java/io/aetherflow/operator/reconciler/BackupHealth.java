package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.EtcdBackupStatus;
import io.aetherflow.operator.etcd.BackupReport;
import io.aetherflow.operator.model.BackupPlan;
import io.aetherflow.operator.model.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * How the snapshots of etcd do. They never decide whether the cluster is Ready: it serves its users
 * without them. Pure.
 *
 * @param plan nothing when no snapshots are to be taken
 * @param report what their keeper told last
 * @param since when their keeper's set was made
 */
record BackupHealth(
    Names names,
    boolean external,
    Optional<BackupPlan> plan,
    Optional<BackupReport> report,
    Instant since,
    Instant now) {
  static final String ETCD_BACKED_UP = "EtcdBackedUp";
  static final String SNAPSHOT_FAILED = "SnapshotFailed";
  static final String SNAPSHOT_OVERDUE = "SnapshotOverdue";

  private static final Set<String> TROUBLE = Set.of(SNAPSHOT_FAILED, SNAPSHOT_OVERDUE);

  /** A snapshot may fail once and be late once before it is overdue. */
  private static final int INTERVALS_MAX = 2;

  /** What a keeper needs to start on a cold node. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  static BackupHealth of(Observed observed) {
    Names names = observed.spec().names();
    String self = names.namespace() + "/" + names.cluster();
    Optional<String> made =
        observed.backupSet().map(set -> set.getMetadata().getCreationTimestamp());
    return new BackupHealth(
        names,
        observed.etcdSet().isEmpty(),
        BackupPlan.of(observed.spec()),
        observed.etcd().backup().filter(report -> self.equals(report.cluster())),
        made.map(Instant::parse).orElse(observed.now()),
        observed.now());
  }

  Verdict verdict() {
    if (plan.isEmpty()) {
      return Verdict.no(
          "NotConfigured",
          external
              ? "the external etcd is backed up by those who run it"
              : "spec.etcd.backup is not set: no snapshots are taken");
    }
    String last =
        report
            .map(BackupReport::lastSnapshot)
            .map(name -> "the last good snapshot is " + name)
            .orElse("there is no snapshot yet");
    Optional<String> problem = report.map(BackupReport::problem);
    if (problem.isPresent()) {
      return Verdict.no(SNAPSHOT_FAILED, problem.get() + "; " + last);
    }
    if (!now.isBefore(overdueAt())) {
      return Verdict.no(
          SNAPSHOT_OVERDUE, last + "; one is wanted every " + plan.get().intervalSeconds() + " s");
    }
    return taken().isPresent()
        ? Verdict.yes("SnapshotVerified", last + ", " + report.get().kept() + " kept")
        : Verdict.no("NoSnapshotYet", "the first snapshot has yet to be taken");
  }

  /** Worth telling as degraded. */
  Optional<Verdict> trouble() {
    Verdict verdict = verdict();
    return TROUBLE.contains(verdict.reason())
        ? Optional.of(Verdict.yes(verdict.reason(), verdict.message()))
        : Optional.empty();
  }

  /** In how long the verdict changes although nothing happens. */
  Optional<Duration> changesIn() {
    return plan.map(each -> Duration.between(now, overdueAt())).filter(Duration::isPositive);
  }

  /** When the last good one was taken, or else when their keeper was made. */
  Instant lastGood() {
    return taken().orElse(since);
  }

  Optional<EtcdBackupStatus> status() {
    return plan.map(each ->
        new EtcdBackupStatus(
            names.snapshotClaim(),
            report.map(BackupReport::lastSnapshot).orElse(null),
            report.map(BackupReport::takenAt).orElse(null),
            taken().map(at -> report.get().sizeBytes()).orElse(null),
            report.map(BackupReport::kept).orElse(0),
            report.map(BackupReport::problem).orElse(null)));
  }

  private Optional<Instant> taken() {
    return report.flatMap(BackupReport::taken);
  }

  private Instant overdueAt() {
    long seconds = plan.map(BackupPlan::intervalSeconds).orElse(0L);
    return lastGood().plusSeconds(INTERVALS_MAX * seconds).plus(GRACE);
  }
}
