package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.gateway.auth.HmacTokenVerifier;
import io.aetherflow.gateway.testing.Chromium;
import io.aetherflow.gateway.testing.Jwts;
import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.RealStateSync;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.gateway.testing.TrimmedDocuments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo's page in a real browser, at a gateway with a real statesync. */
@Timeout(240)
final class DemoTest {
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes();

  private static final String TOKEN =
      Jwts.sign(SECRET, null, Jwts.claims("ann", Instant.now().plusSeconds(600)));

  private static final String LINE = "{\"pen\":1,\"width\":4,\"points\":[10,20,30,40]}";
  private static final String NEXT_LINE = "{\"pen\":2,\"width\":8,\"points\":[50,60,70,80]}";

  private static final String LAST_SEQ = String.valueOf(TrimmedDocuments.STATE_SEQ + 1);

  @TempDir Path directory;
  private RealStateSync cluster;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws Exception {
    Path secret = Files.write(directory.resolve("secret"), SECRET);
    cluster = new RealStateSync();
    gateway =
        TestGateway.start(
            cluster,
            "gateway",
            Limits.DEFAULTS,
            new HmacTokenVerifier(secret, "aetherflow", "", Clock.systemUTC(), System::nanoTime));
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  @Test
  void aBoardWhoseHistoryIsTrimmedIsShownFromItsState() throws Exception {
    TrimmedDocuments documents = new TrimmedDocuments(gateway.port(), TOKEN);
    documents.create("demo.old.board", "[" + LINE + "]", NEXT_LINE);
    JsonNode shown = shown("old");
    assertThat(shown.path("board").toString()).isEqualTo("[[1,4,10,20,30,40],[2,8,50,60,70,80]]");
    assertThat(shown.path("gaps")).isEmpty();
    assertThat(shown.path("notice").asText()).isEmpty();
    documents.create("demo.other.board", "{\"of\":\"another program\"}", NEXT_LINE);
    JsonNode other = shown("other");
    assertThat(other.path("board").toString()).isEqualTo("[[2,8,50,60,70,80]]");
    assertThat(other.path("notice").asText()).contains("cannot show");
  }

  @Test
  void aGapIsToldAndTheBoardLoadedAnew() throws Exception {
    new TrimmedDocuments(gateway.port(), TOKEN)
        .create("demo.gap.board", "[" + LINE + "]", NEXT_LINE);
    List<JsonNode> shown =
        shown(
            "gap",
            heard(
                "{ t: 'gap', doc: 'demo.gap.board', head: "
                    + (TrimmedDocuments.STATE_SEQ + 9)
                    + " }"));
    JsonNode before = shown.getFirst();
    JsonNode after = shown.getLast();
    assertThat(shown).hasSize(2);
    assertThat(before.path("notice").asText()).isEmpty();
    assertThat(after.path("gaps").size()).as("the gap was told").isEqualTo(1);
    assertThat(after.path("notice").asText()).contains("loaded anew");
    assertThat(after.path("board").toString()).isEqualTo("[[1,4,10,20,30,40],[2,8,50,60,70,80]]");
  }

  @Test
  void anothersCaretStandsWhereItWritesAndMovesWithTheText() throws Exception {
    new TrimmedDocuments(gateway.port(), TOKEN)
        .create("demo.carets.board", "[" + LINE + "]", NEXT_LINE);
    // The end of the text, as Yjs writes it.
    String bob =
        heard(
            "{ t: 'presence', doc: 'demo.carets.board', client_id: 'b', user: 'bob', data: { name:"
                + " 'bob', at: null, board: 0, yjs: 7, text: {}, caret: { tname: 'text' } } }");
    String write =
        "(async () => {"
            + " while (!demo.synced()) await new Promise(each => setTimeout(each, 20));"
            + " const area = document.getElementById('text');"
            + " area.value = 'one%s'; area.dispatchEvent(new Event('input')); "
            + bob
            + "; while (document.querySelector('.caret') === null)"
            + " await new Promise(each => setTimeout(each, 20)) })()";
    JsonNode first = shown("carets", write.formatted("")).getLast().path("carets");
    assertThat(first).hasSize(1);
    assertThat(first.path(0).path("name").asText()).isEqualTo("bob");
    JsonNode longer = shown("carets", write.formatted(" two")).getLast().path("carets").path(0);
    JsonNode lower = shown("carets", write.formatted("\\n")).getLast().path("carets").path(0);
    int left = first.path(0).path("left").asInt();
    int top = first.path(0).path("top").asInt();
    assertThat(longer.path("left").asInt()).isGreaterThan(left);
    assertThat(longer.path("top").asInt()).isEqualTo(top);
    assertThat(lower.path("left").asInt()).isLessThan(left);
    assertThat(lower.path("top").asInt()).isGreaterThan(top);
  }

  /** What makes a page believe that the gateway sent this. */
  private static String heard(String message) {
    return "sockets.filter(each => each.url.endsWith('/ws')).at(-1).onmessage({ data:"
        + " JSON.stringify("
        + message
        + ") })";
  }

  private JsonNode shown(String room) throws Exception {
    return shown(room, "").getFirst();
  }

  /**
   * @param act what happens in the page after it has shown the board; empty for nothing
   * @return what it shows before and, if anything happens, after
   */
  private List<JsonNode> shown(String room, String act) throws Exception {
    String url = "http://127.0.0.1:" + gateway.port() + "/demo?room=" + room + "#token=" + TOKEN;
    String output =
        new NodeStory(Path.of("src/test/js"), Map.of())
            .run(Map.of(), "demo-story.mjs", Chromium.program(), url, LAST_SEQ, act);
    List<JsonNode> shown = new ArrayList<>();
    for (String line : output.lines().filter(each -> each.startsWith("SHOWN ")).toList()) {
      shown.add(new ObjectMapper().readTree(line.substring(6)));
    }
    return shown;
  }
}
