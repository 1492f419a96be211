package io.aetherflow.bench.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class RunDirectoryTest {
  /** A run that has started a process. */
  static final class Run {
    /**
     * @param arguments whether it waits for the process, or for something that does not come
     */
    public static void main(String[] arguments) throws Exception {
      try (RunDirectory directory = new RunDirectory("run-directory-test")) {
        Files.writeString(directory.path().resolve("data"), "x");
        Process process = new ProcessBuilder("sleep", "50").start();
        System.out.println(process.pid());
        System.out.println(directory.path());
        if (Boolean.parseBoolean(arguments[0])) {
          process.waitFor();
        } else {
          new CountDownLatch(1).await();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunThatIsEndedLeavesNeitherItsProcessesNorItsDataBehind(boolean waits) throws Exception {
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Run.class.getName(),
                Boolean.toString(waits))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = run.inputReader()) {
      ProcessHandle process = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
      Path data = Path.of(said.readLine());
      try {
        assertThat(process.isAlive()).isTrue();
        assertThat(data).isNotEmptyDirectory();
        run.destroy();
        run.waitFor();
        process.onExit().get(10, TimeUnit.SECONDS);
        assertThat(data).doesNotExist();
      } finally {
        process.destroyForcibly();
      }
    } finally {
      run.destroyForcibly();
    }
  }

  @Test
  void aRunThatEndsByItselfDeletesItsData() throws IOException {
    Path path;
    try (RunDirectory directory = new RunDirectory("run-directory-test")) {
      path = directory.path();
      Files.writeString(Files.createDirectory(path.resolve("member")).resolve("data"), "x");
    }
    assertThat(path).doesNotExist();
  }
}
