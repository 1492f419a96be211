package io.aetherflow.quantum.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Unsigned big-endian integers in a byte array. An offset outside the array is the caller's bug and
 * throws {@link IndexOutOfBoundsException}. Stateless, so safe in any thread.
 */
public final class BigEndian {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  public static int u8(byte[] buf, int off) {
    return buf[off] & 0xFF;
  }

  public static int u16(byte[] buf, int off) {
    return (short) SHORT.get(buf, off) & 0xFFFF;
  }

  /** Returns 0 to 2^32 - 1. */
  public static long u32(byte[] buf, int off) {
    return Integer.toUnsignedLong((int) INT.get(buf, off));
  }

  public static int i32(byte[] buf, int off) {
    return (int) INT.get(buf, off);
  }

  public static long i64(byte[] buf, int off) {
    return (long) LONG.get(buf, off);
  }

  public static void put16(byte[] buf, int off, int value) {
    SHORT.set(buf, off, (short) value);
  }

  public static void put32(byte[] buf, int off, int value) {
    INT.set(buf, off, value);
  }

  public static void put64(byte[] buf, int off, long value) {
    LONG.set(buf, off, value);
  }
}
