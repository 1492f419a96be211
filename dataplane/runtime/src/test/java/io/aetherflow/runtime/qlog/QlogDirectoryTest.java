package io.aetherflow.runtime.qlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.grpc.QuantumChannelBuilder;
import io.aetherflow.quantum.grpc.QuantumServerBuilder;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.aetherflow.quantum.packet.Guuid;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class QlogDirectoryTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_000));
  private static final Guuid GUUID = new Guuid(1, 2);
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;

  private List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.sorted().toList();
    }
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static List<String> names(Path file) throws IOException {
    return lines(file).stream().skip(1).map(line -> line.path("name").asText()).toList();
  }

  @Test
  void callsOverRealSocketsLeaveAFileAtEachEnd() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK)) {
      QuantumTransport transport = new QuantumTransport(TransportTuning.DEFAULT, qlog);
      Server server =
          QuantumServerBuilder.forAddress(
                  transport, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(new HealthStatusManager().getHealthService())
              .build()
              .start();
      ManagedChannel channel =
          QuantumChannelBuilder.forAddress(transport, "127.0.0.1", server.getPort())
              .usePlaintext()
              .build();
      HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
      channel.shutdownNow();
      server.shutdownNow();
    }
    assertThat(files()).hasSize(2);
    for (Path file : files()) {
      JsonNode header = lines(file).getFirst();
      String side = header.at("/trace/vantage_point/type").asText();
      String guuid = header.at("/trace/common_fields/group_id").asText();
      assertThat(file.getFileName()).hasToString(guuid + "." + side + ".qlog");
      assertThat(names(file))
          .contains(
              "transport:packet_sent",
              "transport:packet_received",
              "transport:packets_acked",
              "recovery:metrics_updated",
              "recovery:congestion_state_updated",
              "connectivity:connection_state_updated");
    }
  }

  @Test
  void everyLineIsJsonWhateverAPeerSays() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK)) {
      ConnectionTrace trace = qlog.onConnection(GUUID, true, 5_000_000);
      trace.onPacketSent(7, 1200, true, 6_500_000);
      trace.onRecovered(9, 7_000_000, 8_250_000);
      trace.onClosed(new CloseReason(CloseReason.Cause.PEER, 256, "\"\\\n\ud800x"), 9_000_000);
    }
    List<JsonNode> lines = lines(files().getFirst());
    assertThat(lines.get(1).path("time").asText()).isEqualTo("1.5");
    assertThat(lines.get(1).at("/data/header/packet_number").asLong()).isEqualTo(7);
    assertThat(lines.get(1).at("/data/raw/length").asInt()).isEqualTo(1200);
    assertThat(lines.get(2).at("/data/late").asDouble()).isEqualTo(1.25);
    assertThat(lines.get(3).at("/data/reason").asText()).startsWith("\"\\\n").endsWith("x");
    assertThat(lines).hasSize(4);
  }

  @Test
  void whatTheRingCannotHoldIsCountedInTheFile() throws Exception {
    int events = 10 * EventRing.EVENTS_MAX;
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK)) {
      ConnectionTrace trace = qlog.onConnection(GUUID, true, 0);
      for (int i = 1; i <= events; i++) {
        trace.onPacketSent(i, 100, true, i);
      }
      trace.onClosed(new CloseReason(CloseReason.Cause.LOCAL, 0, ""), events);
    }
    int written = 0;
    int dropped = 0;
    for (JsonNode line : lines(files().getFirst())) {
      boolean loss = line.path("name").asText().equals("quantum:events_dropped");
      dropped += loss ? line.at("/data/count").asInt() : 0;
      written += line.has("name") && !loss ? 1 : 0;
    }
    assertThat(dropped).isPositive();
    assertThat(written + dropped).isEqualTo(events + 1);
  }

  @Test
  void aFileStopsAtItsSizeAndSaysSo() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK, 4, 2_000)) {
      ConnectionTrace trace = qlog.onConnection(GUUID, true, 0);
      for (int i = 1; i <= 1_000; i++) {
        trace.onPacketSent(i, 100, true, i);
      }
    }
    Path file = files().getFirst();
    assertThat(Files.size(file)).isBetween(2_000L, 2_400L);
    assertThat(names(file).getLast()).isEqualTo("quantum:truncated");
  }

  @Test
  void aFullDirectoryTakesNoMoreFiles() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK, 2, 2_000)) {
      for (int i = 0; i < 5; i++) {
        qlog.onConnection(new Guuid(1, i), true, 0).onPacketSent(1, 100, true, 1);
      }
    }
    assertThat(files()).hasSize(2);
  }

  @Test
  void aClientThatNeverProvesItsAddressLeavesNoFile() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK)) {
      ConnectionTrace spoofed = qlog.onConnection(GUUID, false, 0);
      spoofed.onPacketReceived(1, 1200, 1);
      spoofed.onClosed(new CloseReason(CloseReason.Cause.HANDSHAKE_TIMEOUT, 0, ""), 2);
      ConnectionTrace real = qlog.onConnection(new Guuid(3, 4), false, 0);
      real.onPacketReceived(1, 1200, 1);
      real.onEstablished(2, 2);
    }
    assertThat(files()).singleElement().asString().contains(new Guuid(3, 4) + ".server");
  }

  @Test
  void connectionsBeyondTheMemoryBoundAreNotTraced() throws Exception {
    try (QlogDirectory qlog = new QlogDirectory(directory, CLOCK, 100, 2_000)) {
      for (int i = 0; i < QlogDirectory.TRACES_MAX; i++) {
        assertThat(qlog.onConnection(new Guuid(1, i), false, 0)).isInstanceOf(QlogTrace.class);
      }
      assertThat(qlog.onConnection(GUUID, false, 0)).isSameAs(ConnectionTrace.NONE);
    }
  }
}
