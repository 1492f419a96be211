package io.aetherflow.bench.statesync;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The most that a process had resident since it began, as Linux tells it. */
final class PeakMemory {
  private static final double BYTES_PER_KIBIBYTE = 1024;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  private PeakMemory() {}

  static double megabytes(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIBIBYTE / BYTES_PER_MEGABYTE;
      }
    }
    throw new BenchFailure("The kernel does not tell the memory of process " + process.pid() + ".");
  }
}
