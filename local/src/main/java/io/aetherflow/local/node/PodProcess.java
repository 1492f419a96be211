package io.aetherflow.local.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A container's process: one that this JVM started, or one that an earlier JVM left running. It
 * leads a session of its own, so it outlives this JVM and a signal to its group reaches its
 * children. Thread-safe.
 */
final class PodProcess {
  /** Where the kernel keeps a process's start time in {@code /proc/PID/stat}, after the name. */
  private static final int START_TICKS_FIELD = 19;

  private static final long LOOK_MILLIS = 100;

  private static final int SIGNAL_BASE = 128;

  private final ProcessHandle handle;
  private final CompletableFuture<OptionalInt> exit;

  private PodProcess(ProcessHandle handle, CompletableFuture<OptionalInt> exit) {
    this.handle = handle;
    this.exit = exit;
  }

  /**
   * Starts a program and records it.
   *
   * @param log gets its standard output and error
   * @param record names the process for {@link #adopt}
   */
  static PodProcess start(List<String> command, Map<String, String> env, Path log, Path record)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.directory(Path.of("/").toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process process = builder.start();
    long pid = process.pid();
    try {
      Files.writeString(record, pid + " " + startTicks(pid).orElse("0") + "\n");
    } catch (IOException e) {
      // Nobody could find it again.
      process.destroyForcibly();
      throw e;
    }
    return new PodProcess(
        process.toHandle(), process.onExit().thenApply(ended -> OptionalInt.of(ended.exitValue())));
  }

  /** The recorded process, if it still runs; its exit code will not be known. */
  static Optional<PodProcess> adopt(Path record) {
    try {
      String[] words = Files.readString(record).strip().split(" ");
      long pid = Long.parseLong(words[0]);
      boolean same = startTicks(pid).equals(Optional.of(words[1]));
      return ProcessHandle.of(pid)
          .filter(found -> same)
          .map(found -> new PodProcess(found, endOf(pid, words[1])));
    } catch (IOException | RuntimeException unreadable) {
      return Optional.empty();
    }
  }

  /** The kernel tells only a parent when a process ends, so others have to look. */
  private static CompletableFuture<OptionalInt> endOf(long pid, String ticks) {
    CompletableFuture<OptionalInt> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("adopted-" + pid)
        .start(() -> {
          try {
            while (startTicks(pid).equals(Optional.of(ticks))) {
              TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            end.complete(OptionalInt.empty());
          } catch (InterruptedException e) {
            end.completeExceptionally(e);
          }
        });
    return end;
  }

  /** Tells a process from a later one with the same id. */
  private static Optional<String> startTicks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return fields[0].equals("Z") ? Optional.empty() : Optional.of(fields[START_TICKS_FIELD]);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  long pid() {
    return handle.pid();
  }

  /** Completes with the exit code, or empty where nobody knows it. */
  CompletableFuture<OptionalInt> exit() {
    return exit;
  }

  /** SIGTERM. */
  void terminate() {
    handle.destroy();
  }

  /** SIGKILL to the process and all that it started. */
  void kill() {
    handle.destroyForcibly();
    try {
      new ProcessBuilder("kill", "-KILL", "--", "-" + handle.pid())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(1, TimeUnit.SECONDS);
    } catch (IOException e) {
      // Without a kill command the process itself has still been killed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The signal that an exit code stands for, or 0. */
  static int signalOf(int exitCode) {
    return exitCode > SIGNAL_BASE ? exitCode - SIGNAL_BASE : 0;
  }
}
