package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets at two gateways over one fake cluster. */
@Timeout(60)
final class TwoGatewaysTest {
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
  void bothSeeTheSameOrderAndPublishersTheirOwn() throws Exception {
    Client ann = open(first, "ann");
    Client bob = open(second, "bob");
    attach(ann, "'from_seq':1");
    attach(bob, "'from_seq':1");
    for (int i = 1; i <= 50; i++) {
      op(ann, i, "{'from':'ann','n':" + i + "}");
      op(bob, i, "{'from':'bob','n':" + i + "}");
    }
    assertThat(ann.seqs(100)).isEqualTo(numbers(1, 100));
    assertThat(bob.operations(100)).isEqualTo(ann.operations(100));
    assertThat(ann.operations(100).getFirst().path("data").path("n").asInt()).isEqualTo(1);
  }

  @Test
  void operationCommittedByADyingOwnerIsAckedOnceAndBothSocketsStay() throws Exception {
    Client ann = open(first, "ann");
    Client bob = open(second, "bob");
    attach(ann, "'from_seq':1");
    attach(bob, "'from_seq':1");
    op(ann, 1, "1");
    assertThat(ann.expect("ack").path("seq").asLong()).isEqualTo(1);
    cluster.breakOwnerAfterNextCommit();
    op(ann, 2, "2");
    op(ann, 3, "3");
    assertThat(ann.expect("ack").path("seq").asLong()).isEqualTo(2);
    assertThat(ann.expect("ack").path("seq").asLong()).isEqualTo(3);
    op(bob, 1, "4");
    assertThat(ann.seqs(4)).isEqualTo(numbers(1, 4));
    assertThat(bob.operations(4)).isEqualTo(ann.operations(4));
    assertThat(ann.isOpen() && bob.isOpen()).isTrue();
  }

  @Test
  void movedDocumentIsFollowed() throws Exception {
    Client ann = open(first, "ann");
    attach(ann, "'from_seq':1");
    op(ann, 1, "1");
    ann.expect("ack");
    cluster.moveOwnership();
    op(ann, 2, "2");
    assertThat(ann.expect("ack").path("seq").asLong()).isEqualTo(2);
    assertThat(ann.seqs(2)).isEqualTo(numbers(1, 2));
  }

  @Test
  void lateComerReadsHistoryAndGoesOnLive() throws Exception {
    Client ann = open(first, "ann");
    attach(ann, "'from_seq':1");
    for (int i = 1; i <= 700; i++) {
      op(ann, i, Integer.toString(i));
    }
    ann.operations(700);
    Client bob = open(second, "bob");
    attach(bob, "'from_seq':1");
    for (int i = 701; i <= 720; i++) {
      op(ann, i, Integer.toString(i));
    }
    assertThat(bob.seqs(720)).isEqualTo(numbers(1, 720));
  }

  @Test
  void resumeAtAnotherGatewayKeepsTheClientsNumbers() throws Exception {
    Client ann = Client.connect(first.port(), "");
    ann.send("{'t':'hello','id':4,'token':'ann'}");
    JsonNode welcome = ann.expect("welcome");
    assertThat(welcome.path("id").asInt()).isEqualTo(4);
    attach(ann, "");
    op(ann, 1, "1");
    long seq = ann.expect("ack").path("seq").asLong();
    ann.abort();

    Client again = Client.connect(second.port(), "");
    again.send(
        "{'t':'hello','token':'ann','resume':{'session':'%s','token':'%s'}}"
            .formatted(welcome.path("session").asText(), welcome.path("resume_token").asText()));
    JsonNode resumed = again.expect("welcome");
    assertThat(resumed.path("resumed").asBoolean()).isTrue();
    assertThat(resumed.path("client_id")).isEqualTo(welcome.path("client_id"));
    attach(again, "");
    op(again, 1, "1");
    assertThat(again.expect("ack").path("seq").asLong()).isEqualTo(seq);
    op(again, 2, "2");
    assertThat(again.expect("ack").path("seq").asLong()).isEqualTo(seq + 1);
  }

  @Test
  void resumeWithAWrongTokenIsANewSession() throws Exception {
    Client ann = open(first, "ann");
    Client thief = Client.connect(second.port(), "");
    thief.send("{'t':'hello','token':'eve','resume':{'session':'x','token':'y'}}");
    assertThat(thief.expect("welcome").path("resumed").asBoolean()).isFalse();
    assertThat(ann.isOpen()).isTrue();
  }

  @Test
  void presenceReachesTheOthersOnBothGatewaysAndNotItsSender() throws Exception {
    Client ann = open(first, "ann");
    Client near = open(first, "near");
    Client far = open(second, "far");
    for (Client each : List.of(ann, near, far)) {
      attach(each, "");
    }
    ann.send("{'t':'presence','doc':'d','data':{'cursor':3}}");
    assertThat(near.expect("presence").path("data").path("cursor").asInt()).isEqualTo(3);
    assertThat(far.expect("presence").path("user").asText()).isEqualTo("ann");
    ann.send("{'t':'ping','id':1}");
    assertThat(ann.expect("pong").path("id").asInt()).isEqualTo(1);
    near.send("{'t':'ping'}");
    near.expect("pong");
  }

  @Test
  void drainSendsClientsElsewhereAndClosesWith4010() throws Exception {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      clients.add(open(first, "user" + i));
    }
    long startedNs = System.nanoTime();
    first.drain();
    assertThat((System.nanoTime() - startedNs) / 1_000_000).isLessThan(8_000);
    for (Client each : clients) {
      assertThat(each.expect("reconnect").path("after_ms").asLong()).isBetween(0L, 2_500L);
      assertThat(each.closeCode()).isEqualTo(4010);
    }
  }

  private static Client open(GatewayServer gateway, String user) throws InterruptedException {
    Client client = Client.connect(gateway.port(), "?access_token=" + user);
    client.expect("welcome");
    return client;
  }

  private static void attach(Client client, String more) throws InterruptedException {
    client.send("{'t':'attach','doc':'d'" + (more.isEmpty() ? "" : "," + more) + "}");
    client.expect("attached");
  }

  private static void op(Client client, int clientSeq, String data) {
    client.send("{'t':'op','doc':'d','client_seq':" + clientSeq + ",'data':" + data + "}");
  }

  private static List<Long> numbers(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }
}
