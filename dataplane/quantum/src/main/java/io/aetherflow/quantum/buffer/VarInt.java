package io.aetherflow.quantum.buffer;

/**
 * Variable-length integers of RFC 9000 section 16: the two highest bits of the first byte say
 * whether 1, 2, 4 or 8 bytes follow it in all. Quantum accepts the shortest form only, so that
 * every value has one encoding. Stateless, so safe in any thread.
 */
public final class VarInt {
  /** The largest value that fits, 2^62 - 1. */
  public static final long MAX = (1L << 62) - 1;

  /** The longest encoding. */
  public static final int MAX_BYTES = 8;

  private VarInt() {}

  /** Bytes that {@code value} takes, 1 to 8. */
  public static int bytes(long value) {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("varint must be 0 to 2^62-1, not " + value);
    }
    if (value < 1 << 6) {
      return 1;
    }
    if (value < 1 << 14) {
      return 2;
    }
    return value < 1 << 30 ? 4 : 8;
  }

  /** Writes the shortest form and returns the offset after it. */
  public static int put(byte[] buf, int off, long value) {
    int size = bytes(value);
    switch (size) {
      case 1 -> buf[off] = (byte) value;
      case 2 -> BigEndian.put16(buf, off, (int) value | 0x4000);
      case 4 -> BigEndian.put32(buf, off, (int) value | 0x8000_0000);
      default -> BigEndian.put64(buf, off, value | 0xC000_0000_0000_0000L);
    }
    return off + size;
  }

  /** Length of the encoding that begins with {@code first}. */
  public static int bytesFromFirst(byte first) {
    return 1 << ((first & 0xFF) >>> 6);
  }

  /** Reads the {@code size} bytes whose first announced that size. */
  public static long get(byte[] buf, int off, int size) {
    return switch (size) {
      case 1 -> buf[off] & 0x3F;
      case 2 -> BigEndian.u16(buf, off) & 0x3FFF;
      case 4 -> BigEndian.u32(buf, off) & 0x3FFF_FFFFL;
      default -> BigEndian.i64(buf, off) & MAX;
    };
  }
}
