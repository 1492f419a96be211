package io.aetherflow.bench.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A directory for the data and logs of a run's processes. Closing it deletes it; when the JVM goes
 * down, after an interrupt or a TERM too, all processes that it has started are ended first, so
 * neither they nor their data stay behind.
 */
public final class RunDirectory implements AutoCloseable {
  private static final int END_SECONDS = 5;

  private final Path path;

  public RunDirectory(String prefix) throws IOException {
    path = Files.createTempDirectory(prefix);
    Runtime.getRuntime().addShutdownHook(new Thread(this::abandon, "run-cleanup"));
  }

  public Path path() {
    return path;
  }

  /** The run may be starting processes still: they fail once their directory is gone. */
  private void abandon() {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    boolean clean = false;
    while (!clean && System.nanoTime() - deadlineNs < 0) {
      clean = !endProcesses() && deleted();
    }
    if (!clean) {
      System.err.println(path + " is left behind; delete it.");
    }
  }

  /** Whether there were any. */
  private static boolean endProcesses() {
    List<ProcessHandle> processes = ProcessHandle.current().descendants().toList();
    processes.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
        .completeOnTimeout(null, END_SECONDS, TimeUnit.SECONDS)
        .join();
    return !processes.isEmpty();
  }

  private boolean deleted() {
    try {
      delete();
      return true;
    } catch (UncheckedIOException e) {
      // Something was written there meanwhile.
      return false;
    }
  }

  /** The hook may meet a run that ends because its processes did. */
  private synchronized void delete() {
    if (!Files.exists(path)) {
      return;
    }
    try (var files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + path + ".", e);
    }
  }

  /** After the run's processes have ended. */
  @Override
  public void close() {
    delete();
  }
}
