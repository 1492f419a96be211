package io.aetherflow.runtime.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.aetherflow.runtime.trace.Tracing;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pod that traces nothing loads nothing of OpenTelemetry: it starts where that is missing. */
class WithoutSdkTest {
  private static final String STARTED = "started and ended";

  @Test
  @Timeout(60)
  void aPodThatTracesNothingDoesWithoutTheSdk() throws Exception {
    List<String> all =
        Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));
    String without =
        all.stream()
            .filter(each -> !each.contains("opentelemetry"))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(all.stream().filter(each -> each.contains("opentelemetry-sdk-trace"))).isNotEmpty();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                without,
                WithoutSdkTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains(STARTED);
  }

  /** The pod. */
  public static void main(String[] args) {
    AetherRuntime runtime =
        TestRuntimes.start(
            List.of(URI.create("http://127.0.0.1:1")), "s", "s-0", Duration.ofSeconds(3), "");
    boolean none = runtime.tracing() == Tracing.NONE;
    runtime.close();
    System.out.println(none ? STARTED : "it traces");
    System.exit(0);
  }
}
