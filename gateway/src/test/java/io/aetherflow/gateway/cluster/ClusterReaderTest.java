package io.aetherflow.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.gateway.testing.MetricsServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pods that answer badly, over real sockets. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClusterReaderTest {
  private static final String METER = "quantum_connections 3\n";

  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    blocking.shutdownNow();
  }

  @Test
  void aPodThatStallsInItsAnswerIsSilentAndLetGo() throws Exception {
    try (MetricsServer well = MetricsServer.answering(METER);
        MetricsServer stalling = MetricsServer.stallingAfter(METER);
        ClusterReader reader = reader(well, stalling)) {
      JsonNode pods = read(reader);
      assertThat(pods.at("/0/answers").asBoolean()).isTrue();
      assertThat(pods.at("/0/values/quantum_connections").asInt()).isEqualTo(3);
      assertThat(pods.at("/1/answers").asBoolean(true)).isFalse();
      await().atMost(Duration.ofSeconds(5)).until(stalling::letGo);
    }
  }

  @Test
  void aPodThatSaysTooMuchIsSilent() throws Exception {
    int bytes = (int) ClusterReader.METRICS_BYTES_MAX;
    String most = METER + "#".repeat(bytes - METER.length());
    try (MetricsServer well = MetricsServer.answering(most);
        MetricsServer beyond = MetricsServer.answering(most + "#");
        ClusterReader reader = reader(well, beyond)) {
      JsonNode pods = read(reader);
      assertThat(pods.at("/0/answers").asBoolean()).isTrue();
      assertThat(pods.at("/1/answers").asBoolean(true)).isFalse();
    }
  }

  private ClusterReader reader(MetricsServer first, MetricsServer second) {
    Pods pods = () -> List.of(pod("p-0", first), pod("p-1", second));
    return new ClusterReader("gateway", pods, blocking, System::nanoTime);
  }

  private static JsonNode read(ClusterReader reader) throws IOException {
    return new ObjectMapper().readTree(reader.read()).path("pods");
  }

  private static Pods.Pod pod(String name, MetricsServer server) {
    return new Pods.Pod("service", name, server.uri(), Optional.empty());
  }
}
