package io.aetherflow.operator.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.etcd.BackupReport;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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
            new EtcdSource(this::client, STALL),
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
    try (Client client = client()) {
      client
          .getKVClient()
          .put(bytes(EtcdKeys.STATUS_ETCD_BACKUP), bytes(untold.toJson()))
          .get(TELL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      untold = null;
    } catch (ExecutionException | TimeoutException | IOException e) {
      LOG.atWarn()
          .addKeyValue("action", "report_not_written")
          .log("etcd takes no report: {}", e.toString());
    }
  }

  /** Reads the certificates anew each time: they are renewed while this runs. */
  private Client client() throws IOException {
    ClientBuilder builder =
        Client.builder()
            .endpoints(settings.endpoints().toArray(String[]::new))
            .connectTimeout(Duration.ofSeconds(2))
            .retryMaxDuration(Duration.ofSeconds(5));
    if (settings.tlsDir().isPresent()) {
      Path dir = settings.tlsDir().get();
      builder.sslContext(
          GrpcSslContexts.forClient()
              .trustManager(dir.resolve("ca.crt").toFile())
              .keyManager(
                  dir.resolve(Role.CLIENT.certificateKey()).toFile(),
                  dir.resolve(Role.CLIENT.privateKeyKey()).toFile())
              .build());
    }
    return builder.build();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }
}
