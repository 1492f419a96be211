package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.e2e.browser.Hand;
import io.aetherflow.e2e.browser.Window;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The pages in real browsers. */
@ClusterTest
@LocalOnly
@Order(65)
class BrowserTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Lines that each hand draws between two disasters. */
  private static final int LINES = 4;

  private final Cluster cluster;
  private final Tokens tokens;
  private Path chromium;

  BrowserTest(Cluster cluster) {
    this.cluster = cluster;
    this.tokens = Tokens.of(cluster);
  }

  @BeforeEach
  void settle() {
    Assumptions.assumeTrue(
        Window.program().isPresent(),
        "no chromium on the PATH; on Debian 'apt-get install chromium' brings it");
    chromium = Window.program().get();
    cluster.awaitReady();
  }

  /** Each statesync pod is killed in turn, so whichever owns board and text goes once. */
  @Test
  void twoWindowsAtTwoGatewaysLoseNothingAndNeedNoReloadWhileOwnersAndAGatewayDie()
      throws InterruptedException {
    String room = "e2e-" + UUID.randomUUID();
    List<Pod> gateways = cluster.pods("api-gateway");
    try (Window ann = demo(gateways.get(0), "ann", room);
        Window bob = demo(gateways.get(1), "bob", room)) {
      List<Window> windows = List.of(ann, bob);
      awaitTogether(ann, "bob");
      awaitTogether(bob, "ann");
      windows.forEach(each -> each.value("window.loadedOnce = true"));

      Hand first = new Hand(ann, "a", 0);
      Hand second = new Hand(bob, "b", 1);
      try (first;
          second) {
        bothGoOn(first, second);
        for (Pod owner : cluster.pods("statesync-service")) {
          kill(owner, first, second);
        }
        kill(gateways.get(0), first, second);
      }

      for (Window each : windows) {
        each.await("demo.state() === 'connected' && demo.unanswered() === 0", TIMEOUT);
        each.await("demo.synced()", TIMEOUT);
      }
      try (Door door = Door.to(cluster, gateways.get(1));
          Rest rest = new Rest(door, tokens.mint("carol"))) {
        List<String> log = log(rest, "demo." + room + ".board");
        for (Window each : windows) {
          each.await("demo.seq() === " + log.size(), TIMEOUT);
          assertThat(contents(each)).as("a window's board against the log").isEqualTo(log);
          assertThat(each.value("demo.gaps()")).isEmpty();
        }
        assertEveryLineWhole(log, first, second);
      }
      assertEveryWordOnce(windows, first, second);
      for (Window each : windows) {
        assertThat(each.value("window.loadedOnce").asBoolean()).as("no reload").isTrue();
        assertThat(each.value("demo.reach().length").asInt())
            .as("edits whose arrival at the other window was shown")
            .isPositive();
      }
      ann.screenshot(Path.of("target/browser/demo.png"));
    }
  }

  @Test
  void theConsoleShowsEveryPodAndTheRevisionItRuns() {
    Pod gateway = cluster.pods("api-gateway").getFirst();
    int pods = cluster.dataPlanePods().size();
    try (Door door = Door.to(cluster, gateway);
        Window console =
            Window.open(
                chromium,
                "http://" + door.authority() + "/console#token=" + tokens.mintConsole("olga"))) {
      console.await(
          "document.querySelectorAll('#pods tr').length === "
              + pods
              + " && document.querySelectorAll('#pods .bad').length === 0",
          TIMEOUT);
      console.await(
          "/^" + pods + " of " + pods + " pods/.test(document.getElementById('tuned').innerText)",
          TIMEOUT);
      console.await("document.getElementById('tile-rtt').innerText.endsWith('ms')", TIMEOUT);
      String shown = console.value("document.getElementById('tuned').innerText").asText();
      assertThat(shown).endsWith("revision " + cluster.afc().get().tuningRevision());
      console.screenshot(Path.of("target/browser/console.png"));
    }
  }

  @Test
  void withoutTheClaimTheConsoleAsksForAnotherToken() {
    Pod gateway = cluster.pods("api-gateway").getFirst();
    try (Door door = Door.to(cluster, gateway);
        Window console =
            Window.open(
                chromium, "http://" + door.authority() + "/console#token=" + tokens.mint("eve"))) {
      console.await("document.getElementById('ask').open", TIMEOUT);
      assertThat(console.value("document.querySelector('.problem').innerText").asText())
          .contains("console");
      assertThat(console.value("document.querySelectorAll('#pods tr').length").asInt()).isZero();
      assertThat(console.value("location.hash").asText()).as("kept out of the address").isEmpty();
    }
  }

  private Window demo(Pod gateway, String user, String room) {
    try (Door door = Door.to(cluster, gateway)) {
      return Window.open(
          chromium,
          "http://" + door.authority() + "/demo?room=" + room + "#token=" + tokens.mint(user));
    }
  }

  private static void awaitTogether(Window window, String other) {
    window.await("demo.state() === 'connected' && demo.synced()", TIMEOUT);
    window.await("demo.peers().includes('" + other + "')", TIMEOUT);
  }

  private void kill(Pod pod, Hand... hands) throws InterruptedException {
    cluster.local().processes().ofPod(pod).kill();
    bothGoOn(hands);
    cluster.awaitRestarted(pod);
    bothGoOn(hands);
  }

  private static void bothGoOn(Hand... hands) throws InterruptedException {
    for (Hand each : hands) {
      each.awaitMore(LINES);
    }
  }

  private static List<String> contents(Window window) {
    List<String> lines = new ArrayList<>();
    window.value("demo.board()").forEach(line -> lines.add(line.toString()));
    return lines;
  }

  /** The board's operations as the pages hold them: pen, width, points. */
  private static List<String> log(Rest rest, String document) {
    List<String> log = new ArrayList<>();
    while (true) {
      JsonNode page =
          rest.get("/documents/" + document + "/operations?limit=500&from_seq=" + (log.size() + 1))
              .ok();
      if (page.path("operations").isEmpty()) {
        return log;
      }
      for (JsonNode each : page.path("operations")) {
        JsonNode data = each.path("data");
        List<String> parts = new ArrayList<>();
        parts.add(data.path("pen").asText());
        parts.add(data.path("width").asText());
        data.path("points").forEach(point -> parts.add(point.asText()));
        log.add("[" + String.join(",", parts) + "]");
      }
    }
  }

  /** A line's pieces each begin where the one before ended: a lost or a doubled one would show. */
  private static void assertEveryLineWhole(List<String> log, Hand... hands) {
    Map<Integer, List<int[]>> pieces = new TreeMap<>();
    for (String each : log) {
      String[] numbers = each.substring(1, each.length() - 1).split(",");
      int y = Integer.parseInt(numbers[3]);
      pieces
          .computeIfAbsent(y, _ -> new ArrayList<>())
          .add(
              new int[] {
                Integer.parseInt(numbers[2]), Integer.parseInt(numbers[numbers.length - 2])
              });
    }
    for (Hand hand : hands) {
      assertThat(hand.rows()).hasSizeGreaterThan(LINES).doesNotHaveDuplicates();
      for (int y : hand.rows()) {
        List<int[]> line = pieces.getOrDefault(y, List.of());
        assertThat(line).as("pieces of the line at %d", y).isNotEmpty();
        assertThat(line.getFirst()[0]).as("where the line at %d begins", y).isLessThan(60);
        assertThat(line.getLast()[1]).as("where the line at %d ends", y).isGreaterThan(1140);
        for (int i = 1; i < line.size(); i++) {
          assertThat(line.get(i)[0])
              .as("piece %d of the line at %d", i, y)
              .isEqualTo(line.get(i - 1)[1]);
        }
      }
    }
  }

  private static void assertEveryWordOnce(List<Window> windows, Hand... hands) {
    int length =
        List.of(hands).stream()
            .flatMap(each -> each.words().stream())
            .mapToInt(String::length)
            .sum();
    for (Window each : windows) {
      each.await("demo.text().length === " + length, TIMEOUT);
    }
    String text = windows.getFirst().value("demo.text()").asText();
    for (Window each : windows) {
      assertThat(each.value("demo.text()").asText()).isEqualTo(text);
      assertThat(each.value("document.getElementById('text').value").asText()).isEqualTo(text);
    }
    for (Hand hand : hands) {
      assertThat(hand.words()).allSatisfy(word -> assertThat(text).containsOnlyOnce(word));
    }
  }
}
