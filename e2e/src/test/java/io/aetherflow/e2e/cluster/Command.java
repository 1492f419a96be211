package io.aetherflow.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, with a bound on its time. */
public final class Command {
  private Command() {}

  /** What a program left: exit code, standard output and standard error. */
  public record Result(List<String> command, int exit, String out, String err) {
    /** Fails the test with everything the program said unless it exited with 0. */
    public Result ok() {
      if (exit != 0) {
        throw new AssertionError(this.toString());
      }
      return this;
    }

    @Override
    public String toString() {
      return String.join(" ", command)
          + " exited with "
          + exit
          + "\nstdout: "
          + out
          + "\nstderr: "
          + err;
    }
  }

  /** Output goes through files: a program may leave children behind that keep a pipe open. */
  public static Result run(
      List<String> command, Map<String, String> env, String stdin, Duration timeout) {
    Path out = null;
    Path err = null;
    Path in = null;
    try {
      out = Files.createTempFile("e2e", ".out");
      err = Files.createTempFile("e2e", ".err");
      in = Files.createTempFile("e2e", ".in");
      Files.writeString(in, stdin);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(env);
      Process process = builder.start();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            "%s did not end within %d s; stdout: %s stderr: %s"
                .formatted(String.join(" ", command), timeout.toSeconds(), read(out), read(err)));
      }
      return new Result(command, process.exitValue(), read(out), read(err));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command.getFirst(), e);
    } finally {
      delete(out);
      delete(err);
      delete(in);
    }
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
