package io.aetherflow.e2e.cluster;

import io.aetherflow.e2e.kube.AuditLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cluster of {@code ./aetherflow up}, in a state directory of its own. */
public final class LocalCluster {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

  /** Long enough for a first build, which {@code up} does when nothing is built. */
  private static final Duration UP_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration DOWN_TIMEOUT = Duration.ofSeconds(60);

  private final Path script;
  private final Path state;
  private final boolean keep;

  private LocalCluster(Path script, Path state, boolean keep) {
    this.script = script;
    this.state = state;
    this.keep = keep;
  }

  static LocalCluster start() {
    LocalCluster cluster = inState(System.getProperty("e2e.state", ""));
    Command.Result up = cluster.up();
    if (up.exit() != 0) {
      String tails = Diagnostics.logTails(cluster.state);
      cluster.stop();
      throw new IllegalStateException("./aetherflow up failed: " + up + "\n" + tails);
    }
    LOG.info("local cluster is up, state in {}", cluster.state);
    return cluster;
  }

  private static LocalCluster inState(String kept) {
    try {
      Path state =
          kept.isBlank()
              ? Files.createTempDirectory("aetherflow-e2e-")
              : Files.createDirectories(Path.of(kept).toAbsolutePath());
      return new LocalCluster(findScript(), state, !kept.isBlank());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a state directory for the local cluster", e);
    }
  }

  private static Path findScript() {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      if (Files.isExecutable(dir.resolve("aetherflow"))) {
        return dir.resolve("aetherflow");
      }
    }
    throw new IllegalStateException("no ./aetherflow in this directory or above it");
  }

  public Path state() {
    return state;
  }

  /** Every request to write that its API has answered. */
  public AuditLog audit() {
    return new AuditLog(auditFile());
  }

  private Path auditFile() {
    return state.resolve("audit.log");
  }

  public Processes processes() {
    return new Processes(state);
  }

  public Command.Result up() {
    return run(UP_TIMEOUT, "up", "--detach");
  }

  public Command.Result down() {
    return run(DOWN_TIMEOUT, "down");
  }

  /** Any other command of the script, e.g. {@code status}. */
  public Command.Result run(Duration timeout, String... arguments) {
    return Command.run(command(arguments), environment(), "", timeout);
  }

  /**
   * Starts {@code up} in the foreground, as the leader of its own process group, like a shell would
   * on a terminal. SIGINT is reset to its default: it stays ignored in whatever a script started in
   * the background.
   */
  public Process upInForeground(Path output) {
    List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
    command.addAll(command("up"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start ./aetherflow up", e);
    }
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private Map<String, String> environment() {
    return Map.of("AETHERFLOW_STATE", state.toString(), "AETHERFLOW_AUDIT", auditFile().toString());
  }

  void stop() {
    if (keep) {
      LOG.info(
          "the local cluster stays up; stop it with AETHERFLOW_STATE={} ./aetherflow down", state);
      return;
    }
    Command.Result down = run(DOWN_TIMEOUT, "down", "--wipe");
    List<Long> left = processes().all().stream().map(Processes.Proc::pid).toList();
    if (down.exit() != 0 || !left.isEmpty()) {
      throw new IllegalStateException(
          "./aetherflow down --wipe left the processes " + left + ": " + down);
    }
  }
}
