package io.aetherflow.runtime.qlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/qlog-viewer.html} shows the traces of a simulated connection, all of them. */
@Timeout(60)
class QlogViewerTest {
  private static final Path VIEWER = Path.of("../../docs/qlog-viewer.html");
  private static final Path SCRIPT = Path.of("src/test/js/qlog-viewer.mjs");
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_000));
  private static final JsonMapper JSON = new JsonMapper();

  /** Few enough that the ring to the writer, who is not in virtual time, holds all events. */
  private static final int BYTES = 150_000;

  @TempDir private Path directory;

  @Test
  void plotsHaveThePointsOfTheTrace() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK)) {
      new TracedPair(qlog, BYTES).run();
    }
    for (String side : List.of("client", "server")) {
      Path trace = trace(side);
      Map<String, Integer> events = events(trace);
      assertThat(events).doesNotContainKeys("quantum:events_dropped", "quantum:truncated");
      assertThat(events)
          .containsKeys(
              "recovery:packet_lost",
              "quantum:fec_recovered",
              "quantum:fec_peer_recovered",
              "quantum:fec_repair_sent");
      check(shown(trace), side, events);
    }
  }

  private static void check(JsonNode shown, String side, Map<String, Integer> events) {
    Map<String, JsonNode> lines = new HashMap<>();
    shown.path("plots").forEach(each -> lines.put(each.path("name").asText(), each));
    counted(lines, "sent", events.get("transport:packet_sent"));
    counted(lines, "acked", events.get("transport:packets_acked"));
    counted(lines, "lost", events.get("recovery:packet_lost"));
    counted(lines, "rebuilt here", events.get("quantum:fec_recovered"));
    counted(lines, "rebuilt by the peer", events.get("quantum:fec_peer_recovered"));
    counted(lines, "parity sent", events.get("quantum:fec_repair_sent"));
    for (String name :
        List.of("smoothed", "congestion window", "in flight", "pacing", "loss estimate, %")) {
      assertThat(lines.get(name).path("points").asInt())
          .as(name)
          .isEqualTo(events.get("recovery:metrics_updated"));
    }
    assertThat(lines.get("rebuilt packet late by, ms").path("points").asInt())
        .isEqualTo(events.get("quantum:fec_recovered"));
    assertThat(lines.values())
        .allSatisfy(line ->
            assertThat(line.path("drawn").asInt())
                .as("points within the canvas: " + line)
                .isPositive()
                .isEqualTo(line.path("points").asInt()));
    assertThat(shown.at("/facts/side").asText()).isEqualTo(side);
    assertThat(shown.path("note").asText())
        .contains("Handshake: ", "Closed at ")
        .doesNotContain("no events");
  }

  private static void counted(Map<String, JsonNode> lines, String name, int events) {
    JsonNode line = lines.get(name + " (" + events + ")");
    assertThat(line).as("%s, %d of them, among %s", name, events, lines.keySet()).isNotNull();
    assertThat(line.path("sum").asInt()).as("sum of the intervals of " + name).isEqualTo(events);
  }

  private Path trace(String side) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(each -> each.toString().endsWith("." + side + ".qlog"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Map<String, Integer> events(Path trace) throws IOException {
    Map<String, Integer> events = new HashMap<>();
    for (String line : Files.readAllLines(trace)) {
      JsonNode event = JSON.readTree(line);
      // One event may acknowledge many packets; the viewer counts packets.
      int count = Math.max(1, event.at("/data/packet_numbers").size());
      events.merge(event.path("name").asText(), count, Integer::sum);
    }
    return events;
  }

  private JsonNode shown(Path trace) throws Exception {
    Path output = directory.resolve("shown.json");
    Process node =
        new ProcessBuilder("node", SCRIPT.toString(), VIEWER.toString(), trace.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(node.waitFor(30, TimeUnit.SECONDS)).as("node ended").isTrue();
    assertThat(node.exitValue()).as(Files.readString(output)).isZero();
    return JSON.readTree(Files.readString(output));
  }
}
