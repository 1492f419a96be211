package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real yjs and y-websocket packages at two gateways over one fake cluster. */
@Timeout(240)
final class YjsTest {
  private FakeCluster cluster;
  private GatewayServer first;
  private GatewayServer second;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    first = TestGateway.start(cluster, "gateway-1", Limits.DEFAULTS);
    second = TestGateway.start(cluster, "gateway-2", Limits.DEFAULTS);
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
    cluster.close();
  }

  @Test
  void threeClientsConvergeThroughOfflineEditsReconnectsAndADyingOwner() throws Exception {
    Map<String, Long> heads = new HashMap<>();
    NodeStory story = new NodeStory(Path.of("src/test/js"), Map.of());
    story.run(
        Map.of(
            "kill", cluster::breakOwnerAfterNextCommit,
            "log", () -> heads.put("before", cluster.head("story")),
            "log again", () -> heads.put("after", cluster.head("story"))),
        "yjs-story.mjs",
        "ws://127.0.0.1:" + first.port(),
        "ws://127.0.0.1:" + second.port(),
        "ann",
        "story");
    assertThat(heads.get("after"))
        .as("a reconnect without news stores nothing")
        .isEqualTo(heads.get("before"));
  }
}
