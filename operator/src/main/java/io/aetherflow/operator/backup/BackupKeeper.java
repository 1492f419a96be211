package io.aetherflow.operator.backup;

import io.aetherflow.operator.etcd.BackupReport;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a snapshot whenever one is due, and tells what came of it. The volume itself remembers when
 * the last one was taken, so a restart neither skips nor doubles one. One thread at a time.
 */
final class BackupKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(BackupKeeper.class);

  /** After a failure, unless the interval itself is shorter. */
  static final Duration RETRY = Duration.ofMinutes(1);

  private final BackupSettings settings;
  private final SnapshotDirectory directory;
  private final SnapshotDirectory.Source source;
  private final Consumer<BackupReport> tell;
  private final Clock clock;
  private long failures;
  private Optional<String> problem = Optional.empty();

  /**
   * @param tell given each new report; not called when nothing was tried
   */
  BackupKeeper(
      BackupSettings settings,
      SnapshotDirectory.Source source,
      Consumer<BackupReport> tell,
      Clock clock) {
    this.settings = settings;
    this.directory = new SnapshotDirectory(settings.directory());
    this.source = source;
    this.tell = tell;
    this.clock = clock;
  }

  /**
   * Looks at what an earlier process left, and tells of it.
   *
   * @throws IOException when the volume cannot be read
   */
  void start() throws IOException {
    problem = directory.tidy();
    problem.ifPresent(why -> LOG.atWarn().addKeyValue("action", "snapshot_damaged").log(why));
    report();
  }

  /**
   * Takes a snapshot if one is due.
   *
   * @return how long nothing is to be done now
   * @throws IOException when the volume cannot be read
   */
  Duration turn() throws IOException, InterruptedException {
    Instant now = clock.instant();
    Optional<Instant> due =
        newest(directory.list()).map(last -> last.takenAt().plus(settings.interval()));
    if (due.filter(at -> at.isAfter(now)).isPresent()) {
      return Duration.between(now, due.get());
    }
    Duration pause;
    try {
      SnapshotFile taken = directory.take(source, now, settings.retention());
      problem = Optional.empty();
      pause = settings.interval();
      LOG.atInfo()
          .addKeyValue("action", "snapshot_taken")
          .log("{} verified, {} bytes", taken.name(), taken.sizeBytes());
    } catch (IOException e) {
      failures++;
      problem = Optional.of(reason(e));
      pause = settings.interval().compareTo(RETRY) < 0 ? settings.interval() : RETRY;
      LOG.atWarn().addKeyValue("action", "snapshot_failed").log("no snapshot: {}", problem.get());
    }
    report();
    return pause;
  }

  private void report() throws IOException {
    List<SnapshotFile> all = directory.list();
    Optional<SnapshotFile> newest = newest(all);
    tell.accept(
        new BackupReport(
            settings.cluster(),
            newest.map(SnapshotFile::name).orElse(null),
            newest.map(each -> each.takenAt().toString()).orElse(null),
            newest.map(SnapshotFile::sizeBytes).orElse(0L),
            all.size(),
            failures,
            problem.orElse(null)));
  }

  /** A clock that was set back must not put snapshots off until it has caught up. */
  private Optional<SnapshotFile> newest(List<SnapshotFile> newestFirst) {
    Instant now = clock.instant();
    return newestFirst.stream().filter(each -> !each.takenAt().isAfter(now)).findFirst();
  }

  private static String reason(IOException e) {
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
