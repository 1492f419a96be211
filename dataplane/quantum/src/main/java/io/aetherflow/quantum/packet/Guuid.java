package io.aetherflow.quantum.packet;

import io.aetherflow.quantum.buffer.BigEndian;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The 128 random bits that name a connection; they survive an address change. Random, not UUIDv7,
 * because a creation time would leak. Immutable.
 *
 * @param high the first eight bytes on the wire
 * @param low the last eight bytes on the wire
 */
public record Guuid(long high, long low) {
  /** Bytes on the wire. */
  public static final int BYTES = 16;

  /** Draws a new one; on a network the generator must be a secure one. */
  public static Guuid random(RandomGenerator random) {
    return new Guuid(random.nextLong(), random.nextLong());
  }

  /** Reads 16 bytes at {@code off}. */
  public static Guuid read(byte[] buf, int off) {
    return new Guuid(BigEndian.i64(buf, off), BigEndian.i64(buf, off + 8));
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
