package io.aetherflow.quantum.stream;

import java.util.Objects;

/**
 * The sending half of a stream's content: keeps what was written until it is acked, and knows which
 * bytes are new, which were lost, and which arrived. A ring that grows with use up to its capacity.
 * Offsets and lengths are bytes. Not thread-safe.
 */
final class SendBuffer {
  private static final int RING_MIN_BYTES = 1 << 10;

  private static final byte[] NOTHING = {};

  private final int capacityBytes;
  private final OffsetRanges acked = new OffsetRanges();
  private final OffsetRanges lost = new OffsetRanges();
  private byte[] ring = NOTHING;
  private long base;
  private long sentEnd;
  private long written;
  private boolean finished;
  private boolean finSent;
  private boolean finAcked;

  SendBuffer(int capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Takes as much as there is room for and returns how much. */
  int write(byte[] src, int off, int length) {
    Objects.checkFromIndexSize(off, length, src.length);
    int count = Math.min(length, freeBytes());
    if (count == 0) {
      return 0;
    }
    ensureCapacity((int) (written - base) + count);
    copyIn(src, off, count);
    written += count;
    return count;
  }

  private void copyIn(byte[] src, int off, int count) {
    int at = slot(written);
    int upToWrap = Math.min(count, ring.length - at);
    System.arraycopy(src, off, ring, at, upToWrap);
    System.arraycopy(src, off + upToWrap, ring, 0, count - upToWrap);
  }

  void finish() {
    finished = true;
  }

  int freeBytes() {
    return finished ? 0 : capacityBytes - (int) (written - base);
  }

  int capacityBytes() {
    return capacityBytes;
  }

  /** The end of what was sent at least once: the final size that a RESET reports. */
  long sentEnd() {
    return sentEnd;
  }

  boolean hasLost() {
    return !lost.isEmpty();
  }

  long lostOffset() {
    return lost.start(0);
  }

  long lostBytes() {
    return lost.end(0) - lost.start(0);
  }

  /** Bytes never sent that may go while {@code limit} is the peer's. */
  long newBytes(long limit) {
    return Math.max(Math.min(written, limit) - sentEnd, 0);
  }

  /** Whether the end alone has to be sent. */
  boolean needsFinOnly() {
    return finished && !finSent && sentEnd == written && lost.isEmpty();
  }

  boolean endsAt(long offset) {
    return finished && offset == written;
  }

  byte[] array() {
    return ring;
  }

  int slot(long offset) {
    return ring.length == 0 ? 0 : (int) offset & ring.length - 1;
  }

  /** How much of {@code [offset, offset + length)} lies in one piece of {@link #array}. */
  int contiguous(long offset, long length) {
    return (int) Math.min(length, ring.length - slot(offset));
  }

  void onSent(long offset, int length, boolean fin) {
    long end = offset + length;
    lost.remove(offset, end);
    sentEnd = Math.max(sentEnd, end);
    finSent |= fin;
  }

  void onAcked(long offset, long length, boolean fin) {
    long end = offset + length;
    finAcked |= fin;
    lost.remove(offset, end);
    if (end <= base) {
      return;
    }
    acked.add(Math.max(offset, base), end);
    if (acked.start(0) == base) {
      base = acked.end(0);
      acked.remove(0, base);
    }
  }

  void onLost(long offset, long length, boolean fin) {
    if (fin && !finAcked) {
      finSent = false;
    }
    long end = offset + length;
    lost.add(Math.max(offset, base), end);
    for (int i = 0; i < acked.count() && acked.start(i) < end; i++) {
      lost.remove(acked.start(i), acked.end(i));
    }
  }

  /** Whether everything written, and the end, has arrived. */
  boolean isDelivered() {
    return finished && finAcked && base == written;
  }

  /** Bytes that the peer does not have yet. */
  long unackedBytes() {
    return written - base;
  }

  /** Drops all content, for a reset. */
  void discard() {
    lost.clear();
    acked.clear();
    finished = true;
    finSent = true;
    written = sentEnd;
    base = sentEnd;
    ring = NOTHING;
  }

  /** Gives memory back while nothing is kept. */
  void trim() {
    if (base == written) {
      ring = NOTHING;
    }
  }

  private void ensureCapacity(int bytes) {
    if (bytes <= ring.length) {
      return;
    }
    byte[] old = ring;
    ring = new byte[Math.max(RING_MIN_BYTES, Integer.highestOneBit(bytes - 1) << 1)];
    Rings.move(old, ring, base, written);
  }
}
