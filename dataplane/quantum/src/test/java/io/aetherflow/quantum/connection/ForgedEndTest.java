package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.CloseReason.Cause;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketWriter;
import org.junit.jupiter.api.Test;

/**
 * RST and FIN of someone who does not know the connection end nothing; the same packets with the
 * right GUUID, number, tag and address do, so each refusal has its reason.
 */
class ForgedEndTest {
  private static final Guuid GUUID = new Guuid(1, 2);
  private static final Guuid GUESSED = new Guuid(1, 3);
  private static final PeerAddress ELSEWHERE = PeerAddress.ofIpv4(9, 9090);
  private static final int TAG_BYTES = 4;

  private final Pair pair = Pair.established(TransportTuning.DEFAULT);
  private final Crc32cProtection protection = new Crc32cProtection();
  private final byte[] forged = new byte[100];

  private int rst(Guuid guuid, long number) {
    return packet(Flags.RST, guuid, number, 0);
  }

  private int fin(Guuid guuid, long number) {
    FrameWriter frames = new FrameWriter();
    frames.begin(forged, PacketHeader.BYTES, 60);
    frames.close(0, new byte[] {'x'}, 0, 1);
    return packet(Flags.FIN, guuid, number, frames.bytes());
  }

  private int packet(int flags, Guuid guuid, long number, int framesBytes) {
    PacketWriter.putHeader(forged, 0, flags, guuid, number);
    PacketWriter.putPayloadBytes(forged, 0, framesBytes + TAG_BYTES);
    protection.seal(number, forged, 0, PacketHeader.BYTES, framesBytes);
    return PacketHeader.BYTES + framesBytes + TAG_BYTES;
  }

  private ConnectionState clientAfter(PeerAddress from, int length) {
    pair.client.onDatagram(from, forged, 0, length, pair.nowNs);
    return pair.client.state();
  }

  private long fresh() {
    return pair.client.acks.largest() + 1;
  }

  private long ours() {
    return pair.client.recovery.sent().largestSent();
  }

  @Test
  void anRstThatAnswersAPacketOfOursEndsTheConnection() {
    assertThat(clientAfter(Pair.SERVER, rst(GUUID, ours()))).isEqualTo(ConnectionState.CLOSED);
    assertThat(pair.client.closeReason().cause()).isEqualTo(Cause.RESET);
  }

  @Test
  void anRstWithAGuessedGuuidIsIgnored() {
    assertThat(clientAfter(Pair.SERVER, rst(GUESSED, ours())))
        .isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void anRstForAPacketThatWasNeverSentIsIgnored() {
    assertThat(clientAfter(Pair.SERVER, rst(GUUID, ours() + 1)))
        .isEqualTo(ConnectionState.ESTABLISHED);
    assertThat(clientAfter(Pair.SERVER, rst(GUUID, 0))).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void anRstWithAWrongTagIsIgnored() {
    int length = rst(GUUID, ours());
    forged[length - 1] ^= 1;
    assertThat(clientAfter(Pair.SERVER, length)).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void anRstFromAnotherAddressIsIgnoredByAClient() {
    assertThat(clientAfter(ELSEWHERE, rst(GUUID, ours()))).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void aFinOfThePeerEndsTheConnection() {
    assertThat(clientAfter(Pair.SERVER, fin(GUUID, fresh()))).isEqualTo(ConnectionState.DRAINING);
  }

  @Test
  void aFinWithAGuessedGuuidIsIgnored() {
    assertThat(clientAfter(Pair.SERVER, fin(GUESSED, fresh())))
        .isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void aFinWithAWrongTagIsIgnored() {
    int length = fin(GUUID, fresh());
    forged[length - 1] ^= 1;
    assertThat(clientAfter(Pair.SERVER, length)).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void aFinFromAnotherAddressIsIgnoredByAClient() {
    assertThat(clientAfter(ELSEWHERE, fin(GUUID, fresh()))).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void aFinUnderANumberThatIsKnownIsIgnored() {
    assertThat(clientAfter(Pair.SERVER, fin(GUUID, pair.client.acks.largest())))
        .isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void aFinWithoutACloseFrameEndsNothing() {
    assertThat(clientAfter(Pair.SERVER, packet(Flags.FIN, GUUID, fresh(), 0)))
        .isEqualTo(ConnectionState.ESTABLISHED);
  }

  /** Whoever replays the newest packet from elsewhere gets no more than three times its bytes. */
  @Test
  void anAddressThatIsNotProvedGetsAtMostThreeTimesItsBytes() {
    byte[] wire = new byte[ConnectionConfig.DATAGRAM_BYTES];
    pair.client.openStream().write(new byte[20], 0, 20);
    int received = pair.client.pollTransmit(pair.nowNs, wire, 0);
    pair.server.onDatagram(ELSEWHERE, wire, 0, received, pair.nowNs);
    long sent = 0;
    for (long endNs = pair.nowNs + 20_000 * Pair.MS; pair.nowNs < endNs; pair.nowNs += Pair.MS) {
      pair.server.onTimeout(pair.nowNs);
      for (int n = pair.server.pollTransmit(pair.nowNs, wire, 0);
          n > 0;
          n = pair.server.pollTransmit(pair.nowNs, wire, 0)) {
        sent += pair.server.transmitTo().equals(ELSEWHERE) ? n : 0;
      }
    }
    assertThat(sent).as("bytes to the new address").isPositive().isLessThanOrEqualTo(3L * received);
  }
}
