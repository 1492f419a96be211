package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.TestGateway;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The TypeScript client's own tests: alone, and at two gateways over one fake cluster. */
@Timeout(240)
final class TypeScriptClientTest {
  private static final Path CLIENT = Path.of("../clients/typescript");
  private static final String TOKENS = "{\"ann\":\"ann\",\"bob\":\"bob\",\"short\":\"ann/3\"}";

  @Test
  void itKeepsItsPromisesWhileConnectionsBreakAndAnOwnerDies() throws Exception {
    FakeCluster cluster = new FakeCluster();
    GatewayServer first = TestGateway.start(cluster, "gateway-1", Limits.DEFAULTS);
    GatewayServer second = TestGateway.start(cluster, "gateway-2", Limits.DEFAULTS);
    try {
      String gateways = "ws://127.0.0.1:" + first.port() + ",ws://127.0.0.1:" + second.port();
      NodeStory client = new NodeStory(CLIENT, Map.of("GATEWAYS", gateways, "TOKENS", TOKENS));
      client.npm("test");
      String output =
          client.run(
              Map.of("death", cluster::breakOwnerAfterNextCommit, "second death", () -> {}),
              "test/gateway.test.mjs");
      assertThat(output).contains("pass 9").contains("fail 0");
    } finally {
      first.close();
      second.close();
      cluster.close();
    }
  }
}
