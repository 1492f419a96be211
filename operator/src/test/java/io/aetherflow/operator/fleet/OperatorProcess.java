package io.aetherflow.operator.fleet;

import io.aetherflow.operator.OperatorMain;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** The operator's own program, alone in a JVM, with the options of its manifest but the heap's. */
final class OperatorProcess implements AutoCloseable {
  static final String NAMESPACE = "aetherflow-system";
  static final String ACCOUNT = "aetherflow-operator";

  /** So that two in one test do not meet. */
  private static final AtomicInteger STARTED = new AtomicInteger();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String address;

  private OperatorProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * @param heap for {@code -Xmx}
   * @param environment what the manifest or an installation sets, beside where it runs
   */
  static OperatorProcess start(
      Path kubeconfig, Path log, String heap, Map<String, String> environment) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + heap,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            OperatorMain.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    String address = ownAddress();
    builder
        .environment()
        .putAll(
            Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "OPERATOR_NAMESPACE",
                NAMESPACE,
                "LISTEN_ADDRESS",
                address));
    builder.environment().putAll(environment);
    OperatorProcess operator = new OperatorProcess(builder.start(), address);
    try {
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(operator::isHealthy);
      return operator;
    } catch (RuntimeException e) {
      operator.close();
      throw e;
    }
  }

  /** Its ports are fixed, so each run of a test has a loopback address of its own. */
  private static String ownAddress() {
    long pid = ProcessHandle.current().pid();
    int first = 64 + 32 * (STARTED.getAndIncrement() & 1);
    return "127.%d.%d.%d".formatted(first + (pid >> 16 & 31), pid >> 8 & 0xff, pid & 0xff);
  }

  private boolean isHealthy() throws InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("the operator ended with code " + process.exitValue());
    }
    try {
      return get(8081, "/healthz").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Bytes of heap in use, those of garbage too. */
  double heapBytes() {
    return metric("jvm_memory_used_bytes{area=\"heap\"");
  }

  /** Sum of a metric's samples whose text begins like this, from a scrape now. */
  double metric(String beginning) {
    try {
      return get(9464, "/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith(beginning))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new AssertionError("the operator does not answer; it lives: " + process.isAlive(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Ends it as the loss of its node would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Asks it to end, as Kubernetes does. */
  void terminate() {
    process.destroy();
  }

  /** Whether it ended within this time. */
  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Time on a processor since its start. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + ":" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
