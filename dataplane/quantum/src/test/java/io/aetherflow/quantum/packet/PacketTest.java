package io.aetherflow.quantum.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.frame.RangeList;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PacketTest {
  private final PacketReader reader = new PacketReader();
  private final PacketProtection crc = new Crc32cProtection();

  /**
   * A sealed packet with {@code blocks} SACK blocks above {@code ack}, at offset 3 of its array.
   */
  private byte[] packet(Random random, long number, long ack, int blocks, int payloadBytes) {
    byte[] buf = new byte[3 + PacketHeader.BYTES + 8 * blocks + payloadBytes + crc.tagBytes()];
    random.nextBytes(buf);
    PacketWriter.putHeader(buf, 3, Flags.PSH, Guuid.random(random), number);
    int header = PacketWriter.putAck(buf, 3, ack, ranges(ack, blocks), blocks);
    PacketWriter.putPayloadBytes(buf, 3, payloadBytes + crc.tagBytes());
    crc.seal(number, buf, 3, header, payloadBytes);
    return buf;
  }

  private static RangeList ranges(long ack, int blocks) {
    RangeList ranges = new RangeList();
    for (int i = blocks - 1; i >= 0; i--) {
      ranges.add(ack + 2 + 5L * i, ack + 4 + 5L * i);
    }
    return ranges;
  }

  private boolean accepted(byte[] buf, int off, int length, long number) {
    return reader.parse(buf, off, length) == PacketRefusal.NONE
        && crc.open(number, buf, off, reader.headerBytes(), reader.payloadBytes())
            != PacketProtection.REFUSED;
  }

  @Property(tries = 500)
  void roundTrip(
      @ForAll long seed,
      @ForAll @LongRange(min = 1, max = PacketNumbers.MAX) long number,
      @ForAll @LongRange(max = PacketNumbers.MAX / 2) long ack,
      @ForAll @IntRange(max = 8) int blocks,
      @ForAll @IntRange(max = 1500) int payloadBytes) {
    byte[] buf = packet(new Random(seed), number, ack, blocks, payloadBytes);
    assertThat(accepted(buf, 3, buf.length - 3, number)).isTrue();
    assertThat(PacketNumbers.expand(reader.numberWire(), number - 1)).isEqualTo(number);
    assertThat(PacketNumbers.expand(reader.ackWire(), ack)).isEqualTo(ack);
    assertThat(reader.has(Flags.ACK | Flags.PSH)).isTrue();
    RangeList expected = ranges(ack, blocks);
    assertThat(reader.sackCount()).isEqualTo(blocks);
    for (int i = 0; i < blocks; i++) {
      assertThat(reader.sackFirst(i, ack)).isEqualTo(expected.first(i));
      assertThat(reader.sackLast(i, ack)).isEqualTo(expected.last(i));
    }
  }

  @Property(tries = 300)
  void everyMutatedByteIsRefused(
      @ForAll long seed,
      @ForAll @IntRange(max = 8) int blocks,
      @ForAll @IntRange(max = 300) int payloadBytes) {
    Random random = new Random(seed);
    byte[] buf = packet(random, 9, 4, blocks, payloadBytes);
    for (int at = 3; at < buf.length; at++) {
      byte original = buf[at];
      buf[at] ^= (byte) (1 + random.nextInt(255));
      assertThat(accepted(buf, 3, buf.length - 3, 9)).as("byte %d", at).isFalse();
      buf[at] = original;
    }
  }

  @Property(tries = 300)
  void everyCutIsRefused(@ForAll long seed, @ForAll @IntRange(max = 200) int payloadBytes) {
    byte[] buf = packet(new Random(seed), 9, 4, 3, payloadBytes);
    for (int length = 0; length < buf.length - 3; length++) {
      assertThat(accepted(buf, 3, length, 9)).isFalse();
    }
  }

  @Property(tries = 2000)
  void noiseNeverThrows(@ForAll byte[] noise, @ForAll boolean plausible) {
    if (plausible && noise.length > 5) {
      byte[] start = {0x51, 0x55, 0x4E, 0x54, 1};
      System.arraycopy(start, 0, noise, 0, 5);
    }
    byte[] original = noise.clone();
    accepted(noise, 0, noise.length, 1);
    assertThat(noise).isEqualTo(original);
  }

  @Test
  void refusalsNameTheirReason() {
    byte[] good = packet(new Random(1), 9, 4, 1, 16);
    byte[] whole = Arrays.copyOfRange(good, 3, good.length);
    assertThat(reader.parse(whole, 0, 31)).isEqualTo(PacketRefusal.TOO_SHORT);
    assertThat(refusal(whole, 0, 0)).isEqualTo(PacketRefusal.BAD_MAGIC);
    assertThat(refusal(whole, 4, 2)).isEqualTo(PacketRefusal.UNKNOWN_VERSION);
    assertThat(refusal(whole, 5, 0)).isEqualTo(PacketRefusal.ACK_WITHOUT_FLAG);
    assertThat(refusal(whole, 30, 0xFF)).isEqualTo(PacketRefusal.PAYLOAD_TOO_LONG);
    assertThat(refusal(whole, 31, 19)).isEqualTo(PacketRefusal.SACK_MISALIGNED);
    assertThat(refusal(whole, 35, 5)).isEqualTo(PacketRefusal.SACK_DISORDERED);
    assertThat(refusal(whole, 39, 5)).isEqualTo(PacketRefusal.SACK_DISORDERED);
  }

  private PacketRefusal refusal(byte[] packet, int at, int value) {
    byte[] changed = packet.clone();
    changed[at] = (byte) value;
    return reader.parse(changed, 0, changed.length);
  }

  @Test
  void eightBlocksPassAndNineAreRefused() {
    byte[] eight = packet(new Random(1), 99, 4, 8, 8);
    assertThat(reader.parse(eight, 3, eight.length - 3)).isEqualTo(PacketRefusal.NONE);
    PacketWriter.putPayloadBytes(eight, 3, crc.tagBytes());
    assertThat(reader.parse(eight, 3, eight.length - 3))
        .isEqualTo(PacketRefusal.TOO_MANY_SACK_BLOCKS);
  }

  @Test
  void sackBlocksCrossTheWrapOfTheWireNumber() {
    long ack = (1L << 32) - 3;
    byte[] buf = packet(new Random(1), 1L << 33, ack, 2, 0);
    assertThat(reader.parse(buf, 3, buf.length - 3)).isEqualTo(PacketRefusal.NONE);
    assertThat(reader.sackFirst(0, ack)).isEqualTo(ack + 7);
  }

  @Property
  void expansionFindsTheNearestNumber(
      @ForAll @LongRange(max = PacketNumbers.MAX - (1L << 32)) long largest,
      @ForAll @LongRange(min = -(1L << 31) + 2, max = 1L << 31) long distance) {
    long number = largest + distance;
    if (number >= 0) {
      assertThat(PacketNumbers.expand(PacketNumbers.truncate(number), largest)).isEqualTo(number);
    }
  }
}
