package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.gateway.testing.TrimmedDocuments;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The TypeScript client's own tests: alone, at two gateways over one fake cluster, and at a gateway
 * with a real statesync.
 */
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

  @Test
  void itKnowsStatesConflictsAndLocks() throws Exception {
    RealStateSync cluster = new RealStateSync();
    GatewayServer gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS);
    try {
      TrimmedDocuments documents = new TrimmedDocuments(gateway.port(), "ann");
      documents.create("trimmed", "{\"text\":\"until 79\"}", "80");
      String text = "ä€😀".repeat(40_000);
      documents.create("large", "{\"text\":\"" + text + "\"}", "80");
      documents.create("manual", "manual");
      documents.create("locked", "");
      NodeStory client =
          new NodeStory(
              CLIENT,
              Map.of(
                  "GATEWAY", "ws://127.0.0.1:" + gateway.port(),
                  "TOKEN", "ann",
                  "TRIMMED", "trimmed",
                  "LARGE", "large",
                  "MANUAL", "manual",
                  "LOCKED", "locked"));
      client.npm("run", "build");
      String output = client.run(Map.of(), "test/documents.test.mjs");
      assertThat(output).contains("pass 6").contains("fail 0");
    } finally {
      gateway.close();
      cluster.close();
    }
  }
}
