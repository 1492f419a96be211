package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States, conflicts and locks over REST and sockets, with a real statesync and a real etcd. */
@Timeout(90)
final class DocumentFeaturesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static RealStateSync cluster;
  private static GatewayServer gateway;

  @BeforeAll
  static void start() throws IOException {
    cluster = new RealStateSync();
    gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void propertiesAreReadByRestAndGivenOnAttach() throws Exception {
    create("props", "property_lww");
    Client ann = open("ann");
    ann.send("{'t':'attach','doc':'props','state':true}");
    assertThat(ann.next().path("recovered").asBoolean()).isTrue();
    JsonNode empty = ann.next();
    assertThat(empty.path("t").asText()).isEqualTo("state");
    assertThat(empty.path("state").toString()).isEqualTo("{\"properties\":{},\"deleted\":{}}");
    ann.send("{'t':'op','doc':'props','client_seq':1,'data':{'set':{'x':1,'y':2}}}");
    ann.expect("ack");
    ann.send("{'t':'op','doc':'props','client_seq':2,'data':{'set':{'x':3},'delete':['y']}}");
    ann.expect("ack");
    JsonNode state = get("/documents/props/state");
    assertThat(state.path("seq").asLong()).isEqualTo(2);
    assertThat(state.path("state").path("properties").path("x").path("value").asInt()).isEqualTo(3);
    assertThat(state.path("state").path("deleted").path("y").asLong()).isEqualTo(2);
    Client bob = open("bob");
    bob.send("{'t':'attach','doc':'props','state':true}");
    bob.next();
    assertThat(bob.next().path("state")).isEqualTo(state.path("state"));
    ann.send("{'t':'op','doc':'props','client_seq':3,'data':{'set':{'z':1}}}");
    assertThat(bob.seqs(1)).containsExactly(3L);
    ann.send("{'t':'op','doc':'props','client_seq':4,'data':{'z':1}}");
    JsonNode nack = ann.expect("nack");
    assertThat(nack.path("reason").asText()).isEqualTo("INVALID");
  }

  @Test
  void whatIsTrimmedIsReplacedByTheSuppliedState() throws Exception {
    create("long", "reject");
    assertThat(send("GET", "/documents/long/state", "").statusCode()).isEqualTo(404);
    String large = "\"" + "x".repeat(100_000) + "\"";
    for (int i = 1; i <= 80; i++) {
      String operation = "{'client_seq':" + i + ",'base_seq':" + (i - 1) + ",'data':" + large + "}";
      String body = "{'client_id':'c','operations':[" + operation + "]}";
      assertThat(send("POST", "/documents/long/operations", body).statusCode()).isEqualTo(200);
    }
    String state = "{'seq':79,'state':{'text':\"" + "y".repeat(300_000) + "\"}}";
    HttpResponse<String> put = send("PUT", "/documents/long/state", state);
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> send("GET", "/documents/long/operations", "").statusCode() == 410);
    Client ann = open("ann");
    ann.send("{'t':'attach','doc':'long','from_seq':1}");
    assertThat(ann.next().path("recovered").asBoolean()).isFalse();
    StringBuilder whole = new StringBuilder();
    for (JsonNode part = ann.next(); ; part = ann.next()) {
      assertThat(part.path("seq").asLong()).isEqualTo(79);
      whole.append(new String(part.path("state").binaryValue()));
      if (part.path("part").asInt() == part.path("parts").asInt() - 1) {
        break;
      }
    }
    assertThat(MAPPER.readTree(whole.toString()).path("text").asText()).hasSize(300_000);
    assertThat(ann.seqs(1)).containsExactly(80L);
  }

  @Test
  void conflictsAreToldToAllAndResolvedByAnOperation() throws Exception {
    create("manual", "manual");
    Client ann = open("ann");
    Client bob = open("bob");
    attach(ann, "manual");
    attach(bob, "manual");
    ann.send("{'t':'op','doc':'manual','client_seq':1,'data':'first'}");
    ann.expect("ack");
    bob.send("{'t':'op','doc':'manual','client_seq':1,'base_seq':0,'data':'late'}");
    JsonNode told = ann.operations(2).get(1);
    assertThat(told.path("conflict").path("head_seq").asLong()).isEqualTo(1);
    assertThat(told.path("data").asText()).isEqualTo("late");
    assertThat(get("/documents/manual/conflicts").path("conflicts").path(0)).isEqualTo(told);
    ann.send("{'t':'op','doc':'manual','client_seq':2,'resolves_seq':2,'data':'both'}");
    JsonNode resolved = bob.operations(3).get(2);
    assertThat(resolved.path("resolves_seq").asLong()).isEqualTo(2);
    assertThat(get("/documents/manual/conflicts").path("conflicts")).isEmpty();
  }

  @Test
  void locksAreTakenToldCheckedAndGivenUpWithTheirSession() throws Exception {
    create("locked", "");
    Client ann = open("ann");
    Client bob = open("bob");
    attach(ann, "locked");
    attach(bob, "locked");
    ann.send("{'t':'lock','id':1,'doc':'locked','lock':'title','ttl_ms':60000}");
    JsonNode locked = ann.expect("locked");
    long token = locked.path("token").asLong();
    assertThat(locked.path("id").asInt()).isEqualTo(1);
    assertThat(bob.operations(1).getFirst().path("lock").path("kind").asText()).isEqualTo("taken");
    bob.send("{'t':'lock','doc':'locked','lock':'title'}");
    JsonNode refused = bob.expect("error");
    assertThat(refused.path("code").asText()).isEqualTo("LOCK_HELD");
    assertThat(refused.path("retryable").asBoolean()).isFalse();
    String held = "'locks':[{'lock':'title','token':" + token + "}]";
    ann.send("{'t':'op','doc':'locked','client_seq':1,'data':1," + held + "}");
    assertThat(ann.expect("ack").path("seq").asLong()).isEqualTo(token + 1);
    ann.send("{'t':'renew','doc':'locked','lock':'title','token':" + token + "}");
    assertThat(ann.expect("locked").path("token").asLong()).isEqualTo(token);
    bob.send("{'t':'op','doc':'locked','client_seq':1,'data':1," + held + "}");
    assertThat(bob.expect("nack").path("reason").asText()).as("another's").isEqualTo("LOCK_LOST");
    bob.send("{'t':'renew','doc':'locked','lock':'title','token':" + token + "}");
    assertThat(bob.expect("error").path("code").asText()).isEqualTo("LOCK_LOST");
    bob.send("{'t':'unlock','doc':'locked','lock':'title','token':" + token + "}");
    bob.expect("unlocked");
    String anns = "{'client_id':'c','lock':'title','token':" + token + "}";
    assertThat(post("/documents/locked/locks", anns, 200).path("token").asLong()).isEqualTo(token);
    ann.close();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> get("/documents/locked/locks").path("locks").isEmpty());
    bob.send("{'t':'op','doc':'locked','client_seq':1,'data':1," + held + "}");
    assertThat(bob.expect("nack").path("reason").asText()).isEqualTo("LOCK_LOST");
    JsonNode taken =
        MAPPER.readTree(
            send("POST", "/documents/locked/locks", "{'client_id':'c','lock':'a'}").body());
    bob.send("{'t':'unlock','doc':'locked','lock':'nothing','token':1}");
    bob.expect("unlocked");
    String path = "/documents/locked/locks/a?token=" + taken.path("token").asLong();
    assertThat(send("DELETE", path, "").statusCode()).isEqualTo(204);
    assertThat(get("/documents/locked/locks").path("locks")).isEmpty();
  }

  @Test
  void aVersionIsKeptReadRestoredAndDeleted() throws Exception {
    create("versions", "property_lww");
    post("/documents/versions/operations", op(1, "{'set':{'x':1}}"), 200);
    assertThat(post("/documents/versions/versions", "{'name':'v1'}", 201).path("seq").asInt())
        .isEqualTo(1);
    post("/documents/versions/operations", op(2, "{'set':{'x':2}}"), 200);
    Client ann = open("ann");
    attach(ann, "versions");
    JsonNode restored =
        post("/documents/versions/versions/v1/restore", "{'client_id':'c','client_seq':3}", 200);
    assertThat(restored.path("seqs").path(0).asInt()).isEqualTo(3);
    JsonNode told = ann.operations(3).get(2);
    assertThat(told.path("restores").path("version").asText()).isEqualTo("v1");
    assertThat(told.path("data").path("set").path("x").asInt()).isEqualTo(1);
    assertThat(get("/documents/versions/versions").path("versions")).hasSize(1);
    assertThat(
            get("/documents/versions/versions/v1")
                .path("state")
                .path("properties")
                .path("x")
                .path("value")
                .asInt())
        .isEqualTo(1);
    JsonNode stats = get("/documents/versions/stats");
    assertThat(stats.path("head").asInt()).isEqualTo(3);
    assertThat(stats.path("subscribers").asInt()).isEqualTo(1);
    String path = "/documents/versions/versions/v1";
    assertThat(send("DELETE", path, "").statusCode()).isEqualTo(204);
    assertThat(send("GET", path, "").statusCode()).isEqualTo(404);
  }

  private static String op(int clientSeq, String data) {
    return "{'client_id':'c','operations':[{'client_seq':" + clientSeq + ",'data':" + data + "}]}";
  }

  private static JsonNode post(String path, String body, int status) throws Exception {
    HttpResponse<String> response = send("POST", path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return MAPPER.readTree(response.body());
  }

  private static Client open(String user) throws InterruptedException {
    Client client = Client.connect(gateway.port(), "?access_token=" + user);
    client.expect("welcome");
    return client;
  }

  private static void attach(Client client, String document) throws InterruptedException {
    client.send("{'t':'attach','doc':'" + document + "','from_seq':1}");
    client.expect("attached");
  }

  private static void create(String id, String policy) throws Exception {
    String body = "{'id':'" + id + "','policy':'" + policy + "'}";
    HttpResponse<String> response = send("POST", "/documents", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> response = send("GET", path, "");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return MAPPER.readTree(response.body());
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1" + path))
            .header("Authorization", "Bearer ann")
            .method(
                method,
                body.isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body.replace('\'', '"')))
            .build(),
        BodyHandlers.ofString());
  }
}
