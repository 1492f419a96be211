package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/metrics.md} lists what a pod that served calls exports, no more and no less. */
@Timeout(60)
final class MetricsDocumentTest {
  private static final Path DOCUMENT = Path.of("../../docs/metrics.md");

  /** From here on, what a service adds; its own test compares that. */
  private static final String SERVICES_OWN = "## Statesync";

  private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| ([a-z]+) \\|.*");
  private static final Pattern TYPE = Pattern.compile("# TYPE ([a-z_]+) ([a-z]+)");
  private static final Pattern OURS = Pattern.compile("(quantum|app|aetherflow)_.*");

  @Test
  void theTableIsWhatAPodExports() throws Exception {
    try (EtcdServer etcd = EtcdServer.running();
        AetherRuntime called = TestRuntimes.start(etcd, "session-service", "s-0");
        AetherRuntime caller = TestRuntimes.start(etcd, "api-gateway", "g-0")) {
      Server server = serve(called);
      try {
        calls(caller, server.getPort());
        String scraped = scrape(called);
        assertThat(ours(types(scraped))).isEqualTo(documented());
        assertThat(types(scraped).keySet())
            .allSatisfy(name -> assertThat(scraped).containsPattern("# HELP " + name + " \\S"))
            .doesNotContain("process_cpu_time_ns_total", "system_cpu_count");
        String callers = scrape(caller);
        assertThat(value(callers, "quantum_rtt_seconds_count")).isPositive();
        assertThat(value(callers, "quantum_handshake_seconds_count")).isEqualTo(1);
        assertThat(value(callers, "quantum_connections")).isEqualTo(1);
        assertThat(value(callers, "quantum_cwnd_bytes")).isPositive();
        assertThat(value(callers, "quantum_pacing_bytes_per_second")).isPositive();
        assertThat(value(callers, "quantum_bbr_connections{phase=\"startup\"}")).isEqualTo(1);
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() -> value(scrape(caller), "quantum_mtu_bytes") == 1472);
      } finally {
        server.shutdownNow();
      }
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> value(scrape(caller), "quantum_connections") == 0);
      String closed = "quantum_connections_closed_total{cause=\"local\",error=\"none\"}";
      assertThat(value(scrape(caller), closed)).isEqualTo(1);
    }
  }

  private static Server serve(AetherRuntime runtime) throws Exception {
    return runtime
        .transports()
        .server(0)
        .addService(new HealthStatusManager().getHealthService())
        .build()
        .start();
  }

  /** One call that is answered and one that fails, for either brings meters of its own. */
  private static void calls(AetherRuntime caller, int port) {
    HealthGrpc.HealthBlockingStub health =
        HealthGrpc.newBlockingStub(
            caller.transports().channelTo(InetSocketAddress.createUnresolved("127.0.0.1", port)));
    health.check(HealthCheckRequest.getDefaultInstance());
    HealthCheckRequest unknown = HealthCheckRequest.newBuilder().setService("unknown").build();
    assertThatThrownBy(() -> health.check(unknown)).isInstanceOf(StatusRuntimeException.class);
  }

  private static String scrape(AetherRuntime runtime) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + runtime.metricsPort() + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static Map<String, String> types(String scrape) {
    Map<String, String> types = new TreeMap<>();
    for (Matcher type = TYPE.matcher(scrape); type.find(); ) {
      types.put(type.group(1), type.group(2));
    }
    return types;
  }

  /** Without the maximum that Micrometer adds to each histogram. */
  private static Map<String, String> ours(Map<String, String> types) {
    Map<String, String> ours = new TreeMap<>(types);
    ours.keySet().removeIf(name -> !OURS.matcher(name).matches());
    ours.keySet()
        .removeIf(name ->
            name.endsWith("_max")
                && "histogram".equals(types.get(name.substring(0, name.length() - 4))));
    return ours;
  }

  private static Map<String, String> documented() throws Exception {
    Map<String, String> types = new TreeMap<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.equals(SERVICES_OWN)) {
        break;
      }
      Matcher row = ROW.matcher(line);
      if (row.matches() && OURS.matcher(row.group(1)).matches()) {
        types.put(row.group(1), row.group(2));
      }
    }
    return types;
  }

  private static double value(String scrape, String series) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series));
  }
}
