package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.buffer.Page;
import java.util.Objects;

/**
 * Reassembles one stream: bytes come in any order, any number of times, and are read once, in
 * order. Content lies in pages, taken when the first byte of one arrives and given back when its
 * last was read, so memory follows what arrived, not how far ahead it lies. Within a page holes
 * cost nothing: one bit tells for each byte whether it is here. Offsets and lengths are bytes. Not
 * thread-safe.
 */
final class ReceiveBuffer {
  /** Caps one stream's memory, whatever window is asked for. */
  static final int WINDOW_MAX_BYTES = 1 << 26;

  private static final long UNKNOWN = -1;

  /** What {@link #onData} says. */
  enum Verdict {
    ACCEPTED,
    /** Beyond the limit that we granted: the connection closes. */
    FLOW_CONTROL,
    /** Contradicts the stream's end: the connection closes. */
    FINAL_SIZE
  }

  private final int windowBytes;
  private final Share share;
  private final Pages pages;
  private int readablePages;
  private long readOffset;
  private long readableEnd;
  private long highest;
  private long limit;
  private long finalSize = UNKNOWN;

  /**
   * @param windowBytes how far a sender may be ahead of the reader, 1 to {@link #WINDOW_MAX_BYTES}
   */
  ReceiveBuffer(int windowBytes, Share share) {
    if (windowBytes < 1 || windowBytes > WINDOW_MAX_BYTES) {
      throw new IllegalArgumentException("window must be 1 to 2^26 bytes, not " + windowBytes);
    }
    this.windowBytes = windowBytes;
    this.share = share;
    pages = new Pages(share, false);
    limit = windowBytes;
  }

  /** Takes the content of a STREAM frame; on a refusal nothing changes. */
  Verdict onData(long offset, boolean fin, byte[] src, int srcOff, int length) {
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
    boolean inOrder = from == readableEnd;
    int done = 0;
    while (from + done < end) {
      long at = from + done;
      int run = (int) Math.min(end - at, Pages.rest(at));
      Page page = pages.take(at);
      System.arraycopy(src, srcOff + done, page.content(), Pages.slot(at), run);
      if (!inOrder) {
        page.mark(Pages.slot(at), run);
      }
      done += run;
    }
    if (inOrder) {
      readableEnd = end;
      extendReadable();
      countReadablePages();
    }
  }

  /** Moves the readable end over what came out of order before; at most to {@link #highest}. */
  private void extendReadable() {
    while (readableEnd < highest) {
      Page page = pages.at(readableEnd);
      int slot = Pages.slot(readableEnd);
      int run = page == null ? 0 : page.firstMissing(slot) - slot;
      if (run == 0) {
        return;
      }
      readableEnd += run;
    }
  }

  private void countReadablePages() {
    long last = Pages.number(readableEnd - 1);
    int now = readableBytes() == 0 ? 0 : (int) (last - Pages.number(readOffset)) + 1;
    share.addReadable(now - readablePages);
    readablePages = now;
  }

  /** Pages that a frame's content would add. */
  int newPages(long offset, int length) {
    long end = Math.min(offset + length, limit);
    return pages.missing(Math.max(offset, readableEnd), end);
  }

  /** Whether a frame's content could be read at once. */
  boolean isNext(long offset) {
    return offset <= readableEnd;
  }

  /** Reads in order; returns how many bytes, 0 if the next one is missing or the stream is over. */
  int read(byte[] dst, int off, int length) {
    Objects.checkFromIndexSize(off, length, dst.length);
    int count = Math.min(length, readableBytes());
    if (count == 0) {
      return 0;
    }
    pages.copyOut(readOffset, dst, off, count);
    readOffset += count;
    if (readOffset == highest) {
      pages.clear(readOffset);
    } else {
      pages.releaseBelow(readOffset);
    }
    countReadablePages();
    return count;
  }

  /** Bytes that {@link #read} can give now. */
  int readableBytes() {
    return (int) (readableEnd - readOffset);
  }

  /** Whether the end is known and everything before it was read. */
  boolean isFinished() {
    return readOffset == finalSize;
  }

  /** The largest offset seen; its growth is what connection flow control counts. */
  long highest() {
    return highest;
  }

  /** The limit that the peer may send up to, as granted last. */
  long limit() {
    return limit;
  }

  /** Whether a quarter of a window was read since the last grant, so that a grant is worth it. */
  boolean wantsGrant() {
    int window = window();
    return finalSize == UNKNOWN && readOffset + window - limit >= window / 4 + 1;
  }

  /** Raises the limit to a window beyond the reader and returns it, for MAX_STREAM_DATA. */
  long grant() {
    limit = Math.max(limit, readOffset + window());
    return limit;
  }

  private int window() {
    return share.isTight() ? Math.min(windowBytes, Share.TIGHT_WINDOW_BYTES) : windowBytes;
  }

  /** Gives memory back while nothing is kept. */
  void trim() {
    if (readOffset == highest) {
      pages.trim();
    }
  }

  /** Counts everything that arrived as read, for a stream that was stopped or reset. */
  void discard() {
    readOffset = finalSize == UNKNOWN ? highest : finalSize;
    readableEnd = readOffset;
    highest = readOffset;
    pages.clear(readOffset);
    countReadablePages();
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
