package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.CloseReason.Cause;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketWriter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a client makes of VERSION and RETRY, which have no connection behind them. */
class OpeningAnswersTest {
  private static final Guuid GUUID = new Guuid(1, 2);
  private static final int OTHER_VERSION = 9;
  private static final int NEW_TOKEN = 0x07;

  private final Pair pair = new Pair(TransportTuning.DEFAULT);
  private final Crc32cProtection protection = new Crc32cProtection();
  private final byte[] wire = new byte[ConnectionConfig.DATAGRAM_BYTES];
  private final byte[] packet = new byte[200];
  private long number;

  /** The SYN, and the number that an answer to it must have. */
  private int syn() {
    int length = pair.client.pollTransmit(pair.nowNs, wire, 0);
    PacketReader header = new PacketReader();
    header.parse(wire, 0, length);
    number = header.numberWire();
    return length;
  }

  private void answer(int flags, Guuid guuid, long number, int... payload) {
    PacketWriter.putHeader(packet, 0, flags, guuid, number);
    for (int i = 0; i < payload.length; i++) {
      packet[PacketHeader.BYTES + i] = (byte) payload[i];
    }
    int length = PacketHeader.BYTES + payload.length + protection.tagBytes();
    PacketWriter.putPayloadBytes(packet, 0, payload.length + protection.tagBytes());
    protection.seal(number, packet, 0, PacketHeader.BYTES, payload.length);
    pair.client.onDatagram(Pair.SERVER, packet, 0, length, pair.nowNs);
  }

  @Test
  void aServerOfOtherVersionsEndsTheHandshakeAndSaysWhy() {
    syn();
    answer(Flags.VERSION, GUUID, number, OTHER_VERSION);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.CLOSED);
    assertThat(pair.client.closeReason().cause()).isEqualTo(Cause.VERSION);
  }

  @Test
  void versionsThatCannotBeAnAnswerAreIgnored() {
    syn();
    answer(Flags.VERSION, GUUID, number, OTHER_VERSION, PacketHeader.VERSION);
    answer(Flags.VERSION, GUUID, number + 100, OTHER_VERSION);
    answer(Flags.VERSION, new Guuid(1, 3), number, OTHER_VERSION);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.CONNECTING);
  }

  @Test
  void anEstablishedClientIsBeyondVersionAndRetry() {
    pair.runFor(100 * Pair.MS);
    answer(Flags.VERSION, GUUID, 1, OTHER_VERSION);
    answer(Flags.RETRY, GUUID, 1, 0xCA, 0xFE);
    assertThat(pair.client.state()).isEqualTo(ConnectionState.ESTABLISHED);
  }

  @Test
  void theFirstRetryIsObeyedAndNoOther() {
    syn();
    pair.client.pollTransmit(pair.nowNs, wire, 0);
    answer(Flags.RETRY, GUUID, number, 0xCA, 0xFE);
    answer(Flags.RETRY, GUUID, number, 0xBA, 0xD0);
    assertThat(syn()).as("another SYN").isEqualTo(1200);
    byte[] first = Arrays.copyOfRange(wire, PacketHeader.BYTES, PacketHeader.BYTES + 4);
    assertThat(first).containsExactly(NEW_TOKEN, 2, 0xCA, 0xFE);
  }
}
