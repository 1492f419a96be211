package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.buffer.Page;
import java.util.Objects;

/**
 * The sending half of a stream's content: keeps what was written until it is acked, and knows which
 * bytes are new, which were lost, and which arrived. Content lies in pages, up to a capacity, and
 * fewer while the process is short of buffers. Offsets and lengths are bytes. Not thread-safe.
 */
final class SendBuffer {
  private final int capacityBytes;
  private final OffsetRanges acked = new OffsetRanges();
  private final OffsetRanges lost = new OffsetRanges();
  private final Share share;
  private final Pages pages;
  private long base;
  private long sentEnd;
  private long written;
  private boolean finished;
  private boolean finSent;
  private boolean finAcked;

  SendBuffer(int capacityBytes, Share share) {
    this.capacityBytes = capacityBytes;
    this.share = share;
    pages = new Pages(share, true);
  }

  /** Takes as much as there is room for and returns how much. */
  int write(byte[] src, int off, int length) {
    Objects.checkFromIndexSize(off, length, src.length);
    int count = Math.min(length, freeBytes());
    int done = 0;
    // Asked again for each page: a long write may be what makes buffers short.
    while (done < count && (hasTail() || share.writablePages() > 0)) {
      int run = Math.min(count - done, Pages.rest(written));
      Page page = pages.take(written);
      System.arraycopy(src, off + done, page.content(), Pages.slot(written), run);
      written += run;
      done += run;
    }
    return done;
  }

  /** Whether the next byte lies in a page that is held. */
  private boolean hasTail() {
    return written > base && Pages.slot(written) > 0;
  }

  void finish() {
    finished = true;
  }

  int freeBytes() {
    if (finished) {
      return 0;
    }
    int tail = hasTail() ? Pages.rest(written) : 0;
    int granted = tail + share.writablePages() * Page.BYTES;
    return Math.min(capacityBytes - (int) (written - base), granted);
  }

  /** Whether writes come short for want of buffers in the process. */
  boolean isStarved() {
    return !finished && freeBytes() < capacityBytes - (int) (written - base);
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

  /** Copies content that is to be sent. */
  void copy(long offset, byte[] dst, int off, int length) {
    pages.copyOut(offset, dst, off, length);
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
      releaseAcked();
    }
  }

  private void releaseAcked() {
    if (base == written) {
      pages.clear(base);
    } else {
      pages.releaseBelow(base);
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
    pages.clear(base);
  }

  /** Gives memory back while nothing is kept. */
  void trim() {
    if (base == written) {
      pages.trim();
    }
  }
}
