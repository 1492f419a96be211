package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.aetherflow.gateway.auth.HmacTokenVerifier;
import io.aetherflow.gateway.auth.JwksTokenVerifier;
import io.aetherflow.gateway.auth.TokenVerifiers;
import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.Jwts;
import io.aetherflow.gateway.testing.KeyServer;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.gateway.testing.YjsSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real tokens at every door of a gateway: who gets in, and what may be done with which document.
 */
@Timeout(60)
final class TokenAnswersTest {
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes();
  private static final RSAKey RSA = Jwts.rsa("r1");
  private static final ECKey EC = Jwts.ec("e1");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private KeyServer keys;
  private FakeCluster cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws Exception {
    keys = new KeyServer(RSA);
    cluster = new FakeCluster();
    Clock clock = Clock.systemUTC();
    TokenVerifiers tokens =
        new TokenVerifiers(
            new HmacTokenVerifier(
                Files.write(directory.resolve("secret"), SECRET),
                "aetherflow",
                "",
                clock,
                System::nanoTime),
            new JwksTokenVerifier(
                keys.uri(),
                "aetherflow",
                "https://issuer.example",
                task -> Thread.ofVirtual().start(task),
                clock,
                System::nanoTime));
    gateway = TestGateway.start(cluster, "gateway", Limits.DEFAULTS, tokens);
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
    keys.close();
    http.close();
  }

  private static JWTClaimsSet.Builder claims() {
    return Jwts.claims("ann", Instant.now().plusSeconds(600));
  }

  private static JWTClaimsSet.Builder allowed(String... rights) {
    return claims().claim("docs", List.of(Jwts.grant("notes.*", rights)));
  }

  @Test
  void goodTokensOpenEveryDoorAlsoTheFirstThatNamesAKey() throws Exception {
    String first = Jwts.sign(RSA, claims());
    Client hello = Client.connect(gateway.port(), "");
    hello.send("{'t':'hello','token':'" + first + "'}");
    assertThat(hello.expect("welcome").path("user").asText()).isEqualTo("ann");
    for (String token : List.of(first, Jwts.sign(SECRET, null, claims()))) {
      assertThat(call("GET", "/me", token, "").statusCode()).isEqualTo(200);
      Client.connect(gateway.port(), "?access_token=" + token).expect("welcome");
      YjsSocket yjs = YjsSocket.open(gateway.port(), "notes.a?token=" + token);
      yjs.sync();
    }
  }

  @Test
  void badTokensGetTheDocumentedAnswerAtEveryDoor() throws Exception {
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("alg none", new PlainJWT(claims().build()).serialize());
    bad.put("wrong key, same name", Jwts.sign(Jwts.rsa("r1"), claims()));
    bad.put("key nobody published", Jwts.sign(EC, claims()));
    bad.put("other secret", Jwts.sign("x".repeat(32).getBytes(), null, claims()));
    bad.put("public key as secret", Jwts.sign(RSA.toRSAPublicKey().getEncoded(), "r1", claims()));
    bad.put("wrong audience", Jwts.sign(RSA, claims().audience("other")));
    bad.put("wrong issuer", Jwts.sign(RSA, claims().issuer("https://other.example")));
    bad.put("expired", Jwts.sign(RSA, Jwts.claims("ann", Instant.now().minusSeconds(40))));
    for (Map.Entry<String, String> each : bad.entrySet()) {
      String token = each.getValue();
      HttpResponse<String> rest = call("GET", "/me", token, "");
      assertThat(rest.statusCode()).as(each.getKey()).isEqualTo(401);
      assertThat(rest.body()).as(each.getKey()).contains("UNAUTHENTICATED");
      Client socket = Client.connect(gateway.port(), "");
      socket.send("{'t':'hello','token':'" + token + "'}");
      assertThat(socket.closeCode()).as(each.getKey()).isEqualTo(4003);
      YjsSocket yjs = YjsSocket.open(gateway.port(), "notes.a?token=" + token);
      assertThat(yjs.closeCode()).as(each.getKey()).isEqualTo(4401);
    }
  }

  @Test
  void rightsHoldOverTheWebSocket() throws Exception {
    Client reader = open(allowed("read"));
    reader.send("{'t':'attach','id':1,'doc':'secret'}");
    assertThat(reader.expect("error").path("code").asText()).isEqualTo("DENIED");
    reader.send("{'t':'attach','doc':'notes.a','from_seq':1}");
    assertThat(reader.expect("error").path("message").asText()).contains("history");
    reader.send("{'t':'attach','doc':'notes.a'}");
    assertThat(reader.expect("attached").path("role").asText()).isEqualTo("viewer");
    reader.send("{'t':'op','doc':'notes.a','client_seq':1,'data':1}");
    assertThat(reader.expect("nack").path("reason").asText()).isEqualTo("DENIED");
    reader.send("{'t':'presence','doc':'notes.a','data':1}");
    assertThat(reader.expect("error").path("code").asText()).isEqualTo("DENIED");
    assertThat(cluster.head("notes.a")).isZero();

    Client editor = open(allowed("read", "write", "presence"));
    editor.send("{'t':'attach','doc':'notes.a'}");
    assertThat(editor.expect("attached").path("role").asText()).isEqualTo("editor");
    editor.send("{'t':'presence','doc':'notes.a','data':1}");
    editor.send("{'t':'op','doc':'notes.a','client_seq':1,'data':1}");
    assertThat(editor.expect("ack").path("seq").asInt()).isEqualTo(1);
    // No presence came before: the reader may not see it.
    assertThat(reader.operations(1)).hasSize(1);
  }

  @Test
  void aFreshTokenThatAllowsLessTakesEffectAtOnce() throws Exception {
    Client client = open(allowed("read", "write"));
    client.send("{'t':'attach','doc':'notes.a'}");
    client.expect("attached");
    client.send("{'t':'auth','token':'" + Jwts.sign(RSA, allowed("read")) + "'}");
    client.expect("welcome");
    client.send("{'t':'op','doc':'notes.a','client_seq':1,'data':1}");
    assertThat(client.expect("nack").path("reason").asText()).isEqualTo("DENIED");
    client.send("{'t':'auth','token':'" + Jwts.sign(RSA, allowed()) + "'}");
    client.expect("welcome");
    assertThat(client.expect("detached").path("doc").asText()).isEqualTo("notes.a");
  }

  @Test
  void rightsHoldOverRest() throws Exception {
    String reader = Jwts.sign(RSA, allowed("read"));
    String editor = Jwts.sign(RSA, allowed("read", "write", "history"));
    String operation = "{'client_id':'c','operations':[{'client_seq':1,'data':1}]}";
    assertThat(call("POST", "/documents", reader, "{'id':'notes.a'}").statusCode()).isEqualTo(403);
    assertThat(call("POST", "/documents", editor, "{'id':'other'}").statusCode()).isEqualTo(403);
    assertThat(call("POST", "/documents", editor, "{}").statusCode()).isEqualTo(403);
    assertThat(call("POST", "/documents", editor, "{'id':'notes.a'}").statusCode()).isEqualTo(201);
    String operations = "/documents/notes.a/operations";
    assertThat(call("POST", operations, reader, operation).statusCode()).isEqualTo(403);
    assertThat(call("POST", operations, editor, operation).statusCode()).isEqualTo(200);
    assertThat(call("GET", operations, reader, "").statusCode()).isEqualTo(403);
    assertThat(call("GET", operations, editor, "").statusCode()).isEqualTo(200);
    assertThat(call("GET", "/documents/notes.a", reader, "").statusCode()).isEqualTo(200);
    assertThat(call("GET", "/documents/other", reader, "").body()).contains("PERMISSION_DENIED");
    assertThat(call("DELETE", "/documents/notes.a", reader, "").statusCode()).isEqualTo(403);
    assertThat(call("DELETE", "/documents/notes.a", editor, "").statusCode()).isEqualTo(204);
  }

  @Test
  void rightsAndMalformedMessagesOverYjs() throws Exception {
    String reader = Jwts.sign(RSA, allowed("read", "history"));
    String path = "notes.a?token=" + reader;
    assertThat(YjsSocket.open(gateway.port(), "other?token=" + reader).closeCode()).isEqualTo(4403);
    assertThat(YjsSocket.open(gateway.port(), "a%2Fb?token=" + reader).closeCode()).isEqualTo(4404);
    YjsSocket text = YjsSocket.open(gateway.port(), path);
    text.sendText("hello");
    assertThat(text.closeCode()).isEqualTo(4400);
    YjsSocket malformed = YjsSocket.open(gateway.port(), path);
    malformed.send(new byte[] {0, 2, 127});
    assertThat(malformed.closeCode()).isEqualTo(4400);
    YjsSocket writer = YjsSocket.open(gateway.port(), path);
    writer.send(YjsSocket.INSERT);
    assertThat(writer.expectDenial()).contains("write");
    assertThat(writer.isOpen()).isTrue();
    assertThat(cluster.head("notes.a")).isZero();
  }

  private Client open(JWTClaimsSet.Builder claims) throws InterruptedException {
    Client client = Client.connect(gateway.port(), "?access_token=" + Jwts.sign(RSA, claims));
    client.expect("welcome");
    return client;
  }

  private HttpResponse<String> call(String method, String path, String token, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1" + path))
            .header("Authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
