package io.aetherflow.operator.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.operator.etcd.BackupReport;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keeper's program, started by the first argument {@value #COMMAND} of the operator's image.
 */
public final class BackupMain {
  public static final String COMMAND = "etcd-backup";

  private static final Logger LOG = LoggerFactory.getLogger(BackupMain.class);

  /** A stream that brings nothing for so long is broken; etcd sends pieces of 32 KiB. */
  private static final Duration STALL = Duration.ofSeconds(30);

  private static final Duration TELL_TIMEOUT = Duration.ofSeconds(5);

  /** How often a report that etcd did not take is offered again. */
  private static final Duration TELL_AGAIN = Duration.ofSeconds(10);

  private final BackupSettings settings;
  private BackupReport untold;

  private BackupMain(BackupSettings settings) {
    this.settings = settings;
  }

  /** Runs until the process is ended; throws when the environment or the volume is unusable. */
  public static void run(Map<String, String> env) throws IOException, InterruptedException {
    new BackupMain(BackupSettings.from(env)).run();
  }

  private void run() throws IOException, InterruptedException {
    BackupKeeper keeper =
        new BackupKeeper(
            settings,
            new EtcdSource(() -> client(settings.endpoints()), STALL),
            report -> untold = report,
            Clock.systemUTC());
    LOG.atInfo()
        .addKeyValue("action", "started")
        .log("a snapshot every {}, {} kept", settings.interval(), settings.retention());
    keeper.start();
    while (true) {
      tell();
      Duration pause = keeper.turn();
      tell();
      boolean shorter = untold != null && pause.compareTo(TELL_AGAIN) > 0;
      Thread.sleep(shorter ? TELL_AGAIN : pause);
    }
  }

  private void tell() throws InterruptedException {
    if (untold == null) {
      return;
    }
    try (Client client = client(settings.endpoints())) {
      client
          .getKVClient()
          .put(bytes(EtcdKeys.STATUS_ETCD_BACKUP), bytes(untold.toJson()))
          .get(TELL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      untold = null;
    } catch (ExecutionException | TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("action", "report_not_written")
          .log("etcd takes no report: {}", e.toString());
    }
  }

  private static Client client(List<String> endpoints) {
    return Client.builder()
        .endpoints(endpoints.toArray(String[]::new))
        .connectTimeout(Duration.ofSeconds(2))
        .retryMaxDuration(Duration.ofSeconds(5))
        .build();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }
}
