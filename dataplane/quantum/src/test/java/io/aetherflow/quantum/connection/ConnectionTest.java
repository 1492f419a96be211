package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.stream.QuantumStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private static final long SECOND = 1_000 * Pair.MS;

  private final byte[] wire = new byte[1500];
  private final PacketReader header = new PacketReader();

  @Test
  void aSynHasTwelveHundredBytesAndOneAnswerEstablishesTheClient() {
    Pair pair = new Pair(TransportTuning.DEFAULT);
    int syn = pair.client.pollTransmit(0, wire, 0);
    assertThat(syn).isEqualTo(1200);
    header.parse(wire, 0, syn);
    assertThat(header.has(Flags.SYN)).isTrue();
    pair.server.onDatagram(Pair.CLIENT, wire, 0, syn, 0);
    assertThat(pair.server.state()).isEqualTo(ConnectionState.ACCEPTING);
    int synAck = pair.server.pollTransmit(0, wire, 0);
    pair.client.onDatagram(Pair.SERVER, wire, 0, synAck, 0);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.ESTABLISHED);
    int answer = pair.client.pollTransmit(0, wire, 0);
    pair.server.onDatagram(Pair.CLIENT, wire, 0, answer, 0);
    assertThat(pair.server.state()).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void anUnvalidatedClientGetsAtMostThreeTimesItsBytes() {
    Pair pair = new Pair(TransportTuning.DEFAULT);
    int syn = pair.client.pollTransmit(0, wire, 0);
    pair.server.onDatagram(Pair.CLIENT, wire, 0, syn, 0);
    long sent = 0;
    for (long nowNs = 0; nowNs < 9 * SECOND; nowNs += 10 * Pair.MS) {
      pair.server.onTimeout(nowNs);
      for (int n = pair.server.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = pair.server.pollTransmit(nowNs, wire, 0)) {
        sent += n;
      }
    }
    assertThat(sent).isPositive().isLessThanOrEqualTo(3L * syn);
  }

  @Test
  void pathMtuGrowsToTheCeiling() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    assertThat(pair.client.datagramBytes()).isEqualTo(1472);
    assertThat(pair.server.datagramBytes()).isEqualTo(1472);
  }

  @Test
  void keepAlivesHoldAnIdleConnectionAndSilenceEndsIt() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    long packets = pair.packets;
    pair.runFor(100 * SECOND);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.ESTABLISHED);
    assertThat(pair.packets - packets).as("keep-alives and answers").isBetween(12L, 60L);
    pair.client.onTimeout(pair.nowNs + 46 * SECOND);
    pair.client.deliverEvents(pair.clientEvents);
    assertThat(pair.clientEvents.closed.cause()).isEqualTo(CloseReason.Cause.IDLE);
  }

  /** Conntrack forgets UDP after 30 s; the default must be well below. */
  @Test
  void thePingComesFifteenSecondsAfterTheLastPacket() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    pair.client.openStream().write(new byte[1], 0, 1);
    long lastNs = pair.nowNs + Pair.MS / 10;
    pair.runFor(SECOND);
    long dueNs = pair.client.timers.deadlineNs(Timer.KEEP_ALIVE);
    assertThat(dueNs - lastNs).isEqualTo(15 * SECOND);
    assertThat(pair.client.pollTransmit(dueNs - 1, wire, 0)).isZero();
    pair.client.onTimeout(dueNs);
    assertThat(pair.client.pollTransmit(dueNs, wire, 0)).isPositive();
  }

  @Test
  void closeTellsThePeerWhyAndBothEndsForget() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    pair.client.close(TransportError.APPLICATION_MIN + 7, "because", pair.nowNs);
    pair.runFor(10 * SECOND);
    assertThat(pair.serverEvents.closed)
        .isEqualTo(new CloseReason(CloseReason.Cause.PEER, 263, "because"));
    assertThat(pair.clientEvents.closed.cause()).isEqualTo(CloseReason.Cause.LOCAL);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.CLOSED);
    assertThat(pair.server.state()).isEqualTo(ConnectionState.CLOSED);
  }

  @Test
  void stopIsAnsweredByReset() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    QuantumStream stream = pair.client.openStream();
    stream.write(new byte[100], 0, 100);
    pair.runFor(10 * Pair.MS);
    pair.serverEvents.opened.stop(400);
    pair.runFor(10 * Pair.MS);
    assertThat(pair.clientEvents.stopped).isSameAs(stream);
    assertThat(stream.peerErrorCode()).isEqualTo(400);
    pair.serverEvents.opened.finish();
    pair.runFor(10 * Pair.MS);
    assertThat(pair.clientEvents.closedStreams).isZero();
    assertThat(stream.isReadFinished()).isTrue();
  }

  @Test
  void whatWasWrittenBeforeAnOrderlyCloseArrives() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    QuantumStream stream = pair.client.openStream();
    byte[] text = "all of it".getBytes(StandardCharsets.UTF_8);
    stream.write(text, 0, text.length);
    stream.finish();
    pair.client.closeWhenDelivered(SECOND, pair.nowNs);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.ESTABLISHED);
    pair.runFor(20 * Pair.MS);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.CLOSING);
    byte[] read = new byte[100];
    int count = pair.serverEvents.opened.read(read, 0, 100);
    assertThat(new String(read, 0, count, StandardCharsets.UTF_8)).isEqualTo("all of it");
  }
}
