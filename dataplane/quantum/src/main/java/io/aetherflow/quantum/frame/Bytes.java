package io.aetherflow.quantum.frame;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte string with value equality, for frames as records. */
public final class Bytes {
  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Copies. */
  public static Bytes copyOf(byte[] buf, int off, int length) {
    return new Bytes(Arrays.copyOfRange(buf, off, off + length));
  }

  /** Copies. */
  public static Bytes of(byte... bytes) {
    return new Bytes(bytes.clone());
  }

  public int length() {
    return array.length;
  }

  /** The content, shared: the writer's way in, not for others. */
  byte[] array() {
    return array;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(array, that.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(array);
  }
}
