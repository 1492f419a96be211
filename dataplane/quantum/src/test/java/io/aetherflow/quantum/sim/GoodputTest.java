package io.aetherflow.quantum.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bulk data over 100 Mbit/s and 50 ms: how much of the link one stream fills. */
class GoodputTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LINK_BYTES_PER_SECOND = 12_500_000;
  private static final int SECONDS = 20;

  @Test
  void aCleanLinkIsFilled() {
    assertThat(share(0, 0, 0.1)).isGreaterThan(0.85);
  }

  @Test
  void randomLossOfTwoPercentCostsLittle() {
    assertThat(share(0.02, 0, 0.15)).isGreaterThan(0.7);
  }

  /** Jitter reorders, so a loss shows late and RTT samples scatter; neither is congestion. */
  @ParameterizedTest
  @CsvSource({"0, 10, 0.85", "0.02, 10, 0.81", "0.05, 10, 0.79", "0, 25, 0.8", "0.02, 25, 0.75"})
  void jitterIsNoCongestion(double loss, int jitterMs, double least) {
    assertThat(share(loss, jitterMs, 1)).isGreaterThan(least);
  }

  private static double share(double loss, int jitterMs, double answersMax) {
    Bulk bulk = new Bulk(loss, jitterMs);
    while (bulk.clock.nowNs() < SECONDS * SECOND) {
      bulk.clock.step();
    }
    double share = bulk.read / (double) SECONDS / LINK_BYTES_PER_SECOND;
    System.out.printf(
        "bulk at %.0f %% loss, %d ms of jitter: %.1f %% of the link, %d packets, %d lost, %d spurious, parity %d%n",
        loss * 100,
        jitterMs,
        share * 100,
        bulk.client.ledger.sentPackets,
        bulk.client.ledger.lostPackets,
        bulk.client.ledger.spuriousLosses,
        bulk.client.ledger.repairs);
    double answers = bulk.server.ledger.sentPackets / (double) bulk.client.ledger.sentPackets;
    System.out.printf("  %.3f packets sent by the receiver per packet of the sender%n", answers);
    assertThat(answers).isLessThan(answersMax);
    assertThat(bulk.client.connection.datagramBytes())
        .as("a flow without a pause finds the path's MTU")
        .isEqualTo(1472);
    return share;
  }

  private static final class Bulk implements ConnectionListener {
    final SimClock clock = new SimClock();
    final SimNode client;
    private final SimNode server;
    private final byte[] chunk = new byte[64 * 1024];
    long read;

    Bulk(double loss, int jitterMs) {
      ConnectionConfig config =
          ConnectionConfig.of(TransportTuning.DEFAULT, () -> new Bbr(1, 1200));
      client = node(EndpointConfig.client(config), 1, "client");
      server = node(EndpointConfig.server(config), 2, "server");
      client.ledger.join(server.ledger);
      client.flow.join(server.flow);
      client.peer = server;
      server.peer = client;
      client.link = new SimLink(clock, new Random(1), traits(loss, jitterMs));
      server.link = new SimLink(clock, new Random(2), traits(loss, jitterMs));
      clock.at(0, () -> client.connect(server.address));
    }

    private SimNode node(EndpointConfig config, int address, String name) {
      Endpoint endpoint = new Endpoint(config, new Random(address));
      SimNode node = new SimNode(clock, endpoint, PeerAddress.ofIpv4(address, 9090), name);
      node.listener = this;
      return node;
    }

    private static SimLink.Traits traits(double loss, int jitterMs) {
      SimLink.Traits traits = new SimLink.Traits();
      traits.loss = loss;
      traits.jitterNs = jitterMs * SECOND / 1000;
      traits.bytesPerSecond = LINK_BYTES_PER_SECOND;
      traits.queueBytes = 625_000;
      return traits;
    }

    @Override
    public void onEstablished() {
      QuantumStream stream = client.connection.openStream();
      if (stream != null) {
        onWritable(stream);
      }
    }

    @Override
    public void onWritable(QuantumStream stream) {
      while (stream.write(chunk, 0, chunk.length) == chunk.length) {}
    }

    @Override
    public void onReadable(QuantumStream stream) {
      for (int n = stream.read(chunk, 0, chunk.length);
          n > 0;
          n = stream.read(chunk, 0, chunk.length)) {
        read += n;
      }
    }

    @Override
    public void onClosed(CloseReason reason) {
      throw new AssertionError("closed: " + reason);
    }

    @Override
    public void onOpened(QuantumStream stream) {}

    @Override
    public void onReset(QuantumStream stream) {}

    @Override
    public void onStopped(QuantumStream stream) {}

    @Override
    public void onClosed(QuantumStream stream) {}

    @Override
    public void onStreamsAvailable() {}
  }
}
