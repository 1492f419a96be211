package io.aetherflow.quantum.buffer;

import java.util.BitSet;

/**
 * A piece of a stream's content, from a {@link PagePool}. Can remember which of its bytes are here.
 * Not thread-safe.
 */
public final class Page {
  /**
   * Content of a page, a power of two: three datagrams. Small, since one byte on each of many
   * streams takes as many pages.
   */
  public static final int BYTES = 4096;

  /** What a page takes in memory: content, a bit per byte, headers. */
  static final int COST_BYTES = BYTES + BYTES / Byte.SIZE + 128;

  private final byte[] content = new byte[BYTES];
  private BitSet present;

  Page() {}

  public byte[] content() {
    return content;
  }

  /** Notes that bytes are here. */
  public void mark(int from, int length) {
    if (present == null) {
      present = new BitSet(BYTES);
    }
    present.set(from, from + length);
  }

  /**
   * The first byte at or after {@code from} that was not marked; {@link #BYTES} if there is none.
   */
  public int firstMissing(int from) {
    return present == null ? from : Math.min(present.nextClearBit(from), BYTES);
  }

  void reset() {
    if (present != null) {
      present.clear();
    }
  }
}
