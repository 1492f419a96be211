package io.aetherflow.bench.lab;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a short command of the system to its end. */
final class Commands {
  private Commands() {}

  /** The output; an exit code other than 0 is a {@link BenchFailure} with it. */
  static String run(String... command) {
    Result result = attempt(command);
    if (result.exitCode() != 0) {
      throw new BenchFailure(String.join(" ", command) + " failed: " + result.output().strip());
    }
    return result.output();
  }

  static Result attempt(String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new BenchFailure("Cannot run " + command[0] + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailure("Interrupted while running " + command[0] + ".", e);
    }
  }

  record Result(int exitCode, String output) {}
}
