package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The example as a user runs it, against a statesync pod that others use too. */
@ClusterTest
@LocalOnly
@Order(61)
class ExampleTest {
  private static final int STATESYNC_PORT = 9091;

  private final Cluster cluster;

  ExampleTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void itStoresOverQuantumWhatEveryGatewayShows() {
    cluster.awaitReady();
    String document = "example-" + UUID.randomUUID();
    for (Pod each : cluster.pods("statesync-service")) {
      run(each, document);
    }

    String again = run(cluster.pods("statesync-service").getFirst(), document);
    assertThat(again.lines())
        .startsWith("stored at 7", "stored at 8", "stored at 9", "1 {\"line\":1}")
        .endsWith("9 {\"line\":3}");
    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Rest rest = new Rest(door, Tokens.of(cluster).mint("carol"))) {
      assertThat(rest.get("/documents/" + document + "/operations").ok().path("operations"))
          .hasSize(9);
    }
  }

  private static String run(Pod statesync, String document) {
    Path target = Path.of("../examples/target").toAbsolutePath().normalize();
    return Command.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                target.resolve("aetherflow-examples-0.1.0.jar")
                    + ":"
                    + target.resolve("lib")
                    + "/*",
                "io.aetherflow.examples.SharedDocument",
                statesync.getStatus().getPodIP() + ":" + STATESYNC_PORT,
                document),
            Map.of(),
            "",
            Duration.ofSeconds(60))
        .ok()
        .out();
  }
}
