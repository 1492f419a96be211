package io.aetherflow.quantum.stream;

import java.util.BitSet;
import java.util.Objects;

/**
 * Reassembles one stream: bytes come in any order, any number of times, and are read once, in
 * order. A ring of bytes with one bit each; holes cost nothing, so a peer cannot pin memory with
 * them beyond the window. The ring grows with use, so an idle stream stays small. Offsets and
 * lengths are bytes. Not thread-safe.
 */
public final class ReceiveBuffer {
  /** Caps one stream's memory, whatever window is asked for. */
  public static final int WINDOW_MAX_BYTES = 1 << 26;

  private static final int RING_MIN_BYTES = 1 << 10;
  private static final long UNKNOWN = -1;

  /** What {@link #onData} says. */
  public enum Verdict {
    ACCEPTED,
    /** Beyond the limit that we granted: the connection closes. */
    FLOW_CONTROL,
    /** Contradicts the stream's end: the connection closes. */
    FINAL_SIZE
  }

  private final int windowBytes;
  private byte[] ring = new byte[0];
  private BitSet present = new BitSet();
  private long readOffset;
  private long readableEnd;
  private long highest;
  private long limit;
  private long finalSize = UNKNOWN;

  /**
   * @param windowBytes how far a sender may be ahead of the reader, 1 to {@link #WINDOW_MAX_BYTES}
   */
  public ReceiveBuffer(int windowBytes) {
    if (windowBytes < 1 || windowBytes > WINDOW_MAX_BYTES) {
      throw new IllegalArgumentException("window must be 1 to 2^26 bytes, not " + windowBytes);
    }
    this.windowBytes = windowBytes;
    limit = windowBytes;
  }

  /** Takes the content of a STREAM frame; on a refusal nothing changes. */
  public Verdict onData(long offset, boolean fin, byte[] src, int srcOff, int length) {
    Objects.checkFromIndexSize(srcOff, length, src.length);
    long end = offset + length;
    Verdict verdict = check(end, fin);
    if (verdict != Verdict.ACCEPTED) {
      return verdict;
    }
    if (fin) {
      finalSize = end;
    }
    highest = Math.max(highest, end);
    long from = Math.max(offset, readableEnd);
    if (from < end) {
      store(from, end, src, srcOff + (int) (from - offset));
    }
    return Verdict.ACCEPTED;
  }

  /** Takes a RESET: what has not been read never will be. */
  Verdict onReset(long end) {
    Verdict verdict = check(end, true);
    if (verdict == Verdict.ACCEPTED) {
      finalSize = end;
      highest = end;
      discard();
    }
    return verdict;
  }

  private Verdict check(long end, boolean fin) {
    boolean contradicts = finalSize != UNKNOWN && (end > finalSize || (fin && end != finalSize));
    if (contradicts || (fin && end < highest)) {
      return Verdict.FINAL_SIZE;
    }
    return end > limit ? Verdict.FLOW_CONTROL : Verdict.ACCEPTED;
  }

  private void store(long from, long end, byte[] src, int srcOff) {
    ensureCapacity((int) (end - readOffset));
    int length = (int) (end - from);
    int at = slot(from);
    int upToWrap = Math.min(length, ring.length - at);
    System.arraycopy(src, srcOff, ring, at, upToWrap);
    System.arraycopy(src, srcOff + upToWrap, ring, 0, length - upToWrap);
    setPresent(from, length);
    if (from == readableEnd) {
      extendReadable();
    }
  }

  /** Moves the readable end over all bytes that are here; at most to {@link #highest}. */
  private void extendReadable() {
    while (readableEnd < highest) {
      int at = slot(readableEnd);
      int hole = Math.min(present.nextClearBit(at), ring.length);
      long run = Math.min(hole - at, highest - readableEnd);
      if (run == 0) {
        return;
      }
      readableEnd += run;
    }
  }

  /** Reads in order; returns how many bytes, 0 if the next one is missing or the stream is over. */
  public int read(byte[] dst, int off, int length) {
    Objects.checkFromIndexSize(off, length, dst.length);
    int count = Math.min(length, readableBytes());
    if (count == 0) {
      return 0;
    }
    int at = slot(readOffset);
    int upToWrap = Math.min(count, ring.length - at);
    System.arraycopy(ring, at, dst, off, upToWrap);
    System.arraycopy(ring, 0, dst, off + upToWrap, count - upToWrap);
    present.clear(at, at + upToWrap);
    present.clear(0, count - upToWrap);
    readOffset += count;
    return count;
  }

  /** Bytes that {@link #read} can give now. */
  public int readableBytes() {
    return (int) (readableEnd - readOffset);
  }

  /** Whether the end is known and everything before it was read. */
  public boolean isFinished() {
    return readOffset == finalSize;
  }

  /** The largest offset seen; its growth is what connection flow control counts. */
  public long highest() {
    return highest;
  }

  /** The limit that the peer may send up to, as granted last. */
  public long limit() {
    return limit;
  }

  /** Whether at least half a window was read since the last grant, so that a grant is worth it. */
  public boolean wantsGrant() {
    return finalSize == UNKNOWN && readOffset + windowBytes - limit >= windowBytes / 2 + 1;
  }

  /** Raises the limit to a window beyond the reader and returns it, for MAX_STREAM_DATA. */
  public long grant() {
    limit = readOffset + windowBytes;
    return limit;
  }

  private int slot(long offset) {
    return (int) offset & ring.length - 1;
  }

  private void ensureCapacity(int bytes) {
    if (bytes <= ring.length) {
      return;
    }
    byte[] oldRing = ring;
    BitSet oldPresent = present;
    ring = new byte[Math.max(RING_MIN_BYTES, Integer.highestOneBit(bytes - 1) << 1)];
    present = new BitSet(ring.length);
    Rings.move(oldRing, ring, readOffset, readOffset + oldRing.length);
    movePresent(oldPresent, oldRing.length);
  }

  private void movePresent(BitSet old, int oldLength) {
    int readAt = oldLength == 0 ? 0 : (int) readOffset & oldLength - 1;
    for (int from = old.nextSetBit(0); from >= 0; from = old.nextSetBit(from)) {
      int to = old.nextClearBit(from);
      for (int at = from; at < to; ) {
        int run = Math.min(to - at, at < readAt ? readAt - at : oldLength - at);
        long offset = readOffset + ((at - readAt) & oldLength - 1);
        setPresent(offset, run);
        at += run;
      }
      from = to;
    }
  }

  private void setPresent(long offset, int length) {
    int at = slot(offset);
    int upToWrap = Math.min(length, ring.length - at);
    present.set(at, at + upToWrap);
    present.set(0, length - upToWrap);
  }

  /** Gives memory back while nothing is kept. */
  void trim() {
    if (readOffset == highest) {
      ring = new byte[0];
      present = new BitSet();
    }
  }

  /** Counts everything that arrived as read, for a stream that was stopped or reset. */
  void discard() {
    readOffset = finalSize == UNKNOWN ? highest : finalSize;
    readableEnd = readOffset;
    highest = readOffset;
    ring = new byte[0];
    present = new BitSet();
  }

  /** Where the reader stands; its growth gives connection flow control back. */
  long readOffset() {
    return readOffset;
  }

  /** Whether the end is known. */
  boolean hasFinalSize() {
    return finalSize != UNKNOWN;
  }
}
