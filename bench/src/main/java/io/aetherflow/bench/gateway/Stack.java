package io.aetherflow.bench.gateway;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.statesync.EtcdMembers;
import io.aetherflow.gateway.GatewayMain;
import io.aetherflow.session.SessionMain;
import io.aetherflow.statesync.StateSyncMain;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One gateway, one session and one statesync process over real etcd members, each on a loopback
 * address of its own, Quantum between them.
 */
final class Stack implements AutoCloseable {
  static final String SECRET = "a secret of the benchmark, used by nobody else";
  private static final int GATEWAY_PORT = 8080;
  private static final int HEALTH_PORT = 8081;
  private static final int STOP_SECONDS = 10;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  /** As many as the documented bound of one gateway lets in, whoever they are. */
  private static final int SOCKETS_PER_USER = 20_000;

  private static final int MESSAGES_PER_SECOND = 100_000;

  private final String network =
      "127."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + "."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + ".";
  private final Path dir;
  private final EtcdMembers etcd;
  private final Path config;
  private final List<Process> services = new ArrayList<>();
  private final Process gateway;

  /**
   * @param members of etcd
   * @param dir for data and logs; the caller deletes it
   */
  Stack(int members, Path dir) throws IOException, InterruptedException {
    this.dir = dir;
    etcd = new EtcdMembers(members, dir);
    try {
      config = etcd.podConfig(dir);
      Path secret = dir.resolve("secret");
      Files.writeString(secret, SECRET);
      start(StateSyncMain.class, "statesync-service", 1, Map.of());
      start(SessionMain.class, "session-service", 2, Map.of());
      gateway =
          start(
              GatewayMain.class,
              "api-gateway",
              3,
              Map.of(
                  "JWT_SECRET_FILE",
                  secret.toString(),
                  "GATEWAY_SOCKETS_PER_USER",
                  Integer.toString(SOCKETS_PER_USER),
                  "GATEWAY_MESSAGES_PER_SECOND",
                  Integer.toString(MESSAGES_PER_SECOND)));
      awaitReady();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  String gatewayHost() {
    return network + 3;
  }

  int gatewayPort() {
    return GATEWAY_PORT;
  }

  Process gateway() {
    return gateway;
  }

  double gatewayCpuSeconds() {
    return gateway.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  private Process start(Class<?> main, String service, int host, Map<String, String> settings)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(service + ".log").toFile());
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("POD_NAME", service + "-0");
    environment.put("POD_IP", network + host);
    environment.put("LISTEN_ADDRESS", network + host);
    environment.put("AETHERFLOW_SERVICE", service);
    environment.put("QUANTUM_CONFIG_DIR", config.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    services.add(process);
    return process;
  }

  private void awaitReady() throws IOException, InterruptedException {
    HttpRequest probe =
        HttpRequest.newBuilder(
                URI.create("http://" + gatewayHost() + ":" + HEALTH_PORT + "/readyz"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadlineNs && services.stream().allMatch(Process::isAlive)) {
        try {
          if (http.send(probe, BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // It is starting.
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    throw new BenchFailure("The gateway does not become ready.\n" + logs());
  }

  private String logs() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String service : List.of("statesync-service", "session-service", "api-gateway")) {
      Path log = dir.resolve(service + ".log");
      if (Files.exists(log)) {
        List<String> lines = Files.readAllLines(log);
        text.append(service).append(":\n");
        lines
            .subList(Math.max(0, lines.size() - 5), lines.size())
            .forEach(line -> text.append("  ").append(line).append('\n'));
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    services.forEach(Process::destroyForcibly);
    services.forEach(each -> each.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join());
    etcd.close();
  }
}
