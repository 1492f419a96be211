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
 * A directory for the data and logs of a run's processes. Closing it deletes it; an interrupt or a
 * TERM also ends all processes that this one has started, so neither they nor their data stay
 * behind.
 */
public final class RunDirectory implements AutoCloseable {
  private static final int END_SECONDS = 5;

  private final Path path;
  private final Thread hook;

  public RunDirectory(String prefix) throws IOException {
    path = Files.createTempDirectory(prefix);
    hook = new Thread(this::abandon, "run-cleanup");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  public Path path() {
    return path;
  }

  private void abandon() {
    List<ProcessHandle> processes = ProcessHandle.current().descendants().toList();
    processes.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
        .completeOnTimeout(null, END_SECONDS, TimeUnit.SECONDS)
        .join();
    delete();
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
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down and runs the hook.
    }
  }
}
