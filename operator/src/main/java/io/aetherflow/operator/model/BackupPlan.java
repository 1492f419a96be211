package io.aetherflow.operator.model;

import io.aetherflow.crds.EtcdSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;

/**
 * How etcd's snapshots are kept, with every default resolved.
 *
 * @param storageClassName of the volume; nothing for the Kubernetes cluster's own
 */
public record BackupPlan(
    long intervalSeconds, int retention, Quantity size, Optional<String> storageClassName) {
  private static final long INTERVAL_SECONDS = 6 * 3_600L;
  private static final int RETENTION = 7;

  /** Nothing when none are taken. */
  public static Optional<BackupPlan> of(EffectiveSpec spec) {
    return spec.etcd() instanceof EffectiveSpec.EtcdPlan.Members members
        ? of(members.spec(), spec.sizes())
        : Optional.empty();
  }

  private static Optional<BackupPlan> of(EtcdSpec etcd, Sizes sizes) {
    return Optional.ofNullable(etcd.backup())
        .map(backup ->
            new BackupPlan(
                Optional.ofNullable(backup.interval())
                    .map(BackupPlan::seconds)
                    .orElse(INTERVAL_SECONDS),
                Optional.ofNullable(backup.retention()).orElse(RETENTION),
                Optional.ofNullable(backup.size())
                    .orElseGet(() -> new Quantity(sizes.etcdStorage())),
                Optional.ofNullable(backup.storageClassName())));
  }

  /** The schema admits nothing else than a number and one of these letters. */
  private static long seconds(String interval) {
    long number = Long.parseLong(interval.substring(0, interval.length() - 1));
    return switch (interval.charAt(interval.length() - 1)) {
      case 'm' -> number * 60;
      case 'h' -> number * 3_600;
      case 'd' -> number * 86_400;
      default -> number;
    };
  }
}
