package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.etcd.BackupReport;
import io.aetherflow.operator.model.BackupPlan;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The snapshots of one cluster's etcd as metrics. */
final class SnapshotMeters {
  private static final double MILLIS_PER_SECOND = 1_000;

  final List<Meter> meters = new ArrayList<>();
  private volatile long lastGoodMillis;
  private volatile double intervalSeconds;
  private volatile double sizeBytes;
  private volatile double kept;
  private volatile double failures;
  private long failuresBefore;

  SnapshotMeters(MeterRegistry registry, Clock clock, Tags tags) {
    gauge(
        registry,
        tags,
        "etcd.snapshot.age.seconds",
        "Time since the last good snapshot, or since the cluster was made while there is none",
        each -> (clock.millis() - each.lastGoodMillis) / MILLIS_PER_SECOND);
    gauge(
        registry,
        tags,
        "etcd.snapshot.interval.seconds",
        "Time wanted between two snapshots",
        each -> each.intervalSeconds);
    gauge(
        registry,
        tags,
        "etcd.snapshot.size.bytes",
        "Size of the last good snapshot",
        each -> each.sizeBytes);
    gauge(registry, tags, "etcd.snapshot.kept", "Snapshots on the volume", each -> each.kept);
    meters.add(
        FunctionCounter.builder("etcd.snapshot.failures", this, each -> each.failures)
            .description("Attempts at a snapshot that failed")
            .tags(tags)
            .register(registry));
  }

  private void gauge(
      MeterRegistry registry,
      Tags tags,
      String name,
      String what,
      ToDoubleFunction<SnapshotMeters> value) {
    meters.add(Gauge.builder(name, this, value).description(what).tags(tags).register(registry));
  }

  void onBackup(BackupHealth backup) {
    lastGoodMillis = backup.lastGood().toEpochMilli();
    intervalSeconds = backup.plan().map(BackupPlan::intervalSeconds).orElse(0L);
    sizeBytes = backup.report().map(BackupReport::sizeBytes).orElse(0L);
    kept = backup.report().map(BackupReport::kept).orElse(0);
    long now = backup.report().map(BackupReport::failures).orElse(failuresBefore);
    // The keeper counts from its own start.
    failures += now >= failuresBefore ? now - failuresBefore : now;
    failuresBefore = now;
  }
}
