package io.aetherflow.bench.gateway;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Memory of a running JVM.
 *
 * @param heapBytes what is alive after a full collection
 * @param residentBytes of the process, after the collection
 */
record JvmFigures(long heapBytes, long residentBytes) {
  private static final long JCMD_SECONDS = 120;

  /** Collects the process's garbage first. */
  static JvmFigures of(Process process) throws IOException, InterruptedException {
    return new JvmFigures(liveBytes(process.pid()), residentBytes(process.pid()));
  }

  /** The class histogram counts live objects only: it begins with a full collection. */
  private static long liveBytes(long pid) throws IOException, InterruptedException {
    Path out = Files.createTempFile("aetherflow-bench-", ".histogram");
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid),
                  "GC.class_histogram")
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      if (!jcmd.waitFor(JCMD_SECONDS, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
        jcmd.destroyForcibly();
        throw new BenchFailure("jcmd cannot read process " + pid + ": " + Files.readString(out));
      }
      return totalBytes(Files.readAllLines(out));
    } finally {
      Files.deleteIfExists(out);
    }
  }

  /** The last line reads {@code Total <instances> <bytes>}. */
  static long totalBytes(List<String> histogram) {
    return histogram.stream()
        .filter(line -> line.startsWith("Total"))
        .map(line -> line.trim().split("\\s+"))
        .filter(words -> words.length == 3)
        .mapToLong(words -> Long.parseLong(words[2]))
        .findFirst()
        .orElseThrow(() -> new BenchFailure("jcmd printed no histogram: " + histogram));
  }

  private static long residentBytes(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow(() -> new BenchFailure("process " + pid + " has ended"));
    }
  }
}
