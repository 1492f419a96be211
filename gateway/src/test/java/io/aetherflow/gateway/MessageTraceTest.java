package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each WebSocket message has a GUUID, and the services behind get it. */
@Timeout(60)
final class MessageTraceTest {
  private FakeCluster cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS);
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void everyMessageIsFollowedToTheOwner() throws Exception {
    Client client = Client.connect(gateway.port(), "?access_token=ann");
    client.expect("welcome");
    client.send("{'t':'attach','doc':'d'}");
    client.expect("attached");
    List<String> seen = new ArrayList<>();
    seen.add(cluster.locateGuuids().poll(10, TimeUnit.SECONDS));
    for (int i = 1; i <= 3; i++) {
      client.send("{'t':'op','doc':'d','client_seq':" + i + ",'data':1}");
      client.expect("ack");
      seen.add(cluster.operationGuuids().poll(10, TimeUnit.SECONDS));
    }
    client.send("{'t':'nothing'}");
    seen.add(client.expect("error").path("guuid").asText());
    assertThat(seen).allSatisfy(each -> assertThat(UUID.fromString(each).version()).isEqualTo(7));
    assertThat(new HashSet<>(seen)).as("one each").hasSize(5);
    assertThat(seen)
        .as("in the order of time")
        .isSortedAccordingTo((a, b) -> a.substring(0, 13).compareTo(b.substring(0, 13)));
  }
}
