package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.buffer.Page;
import io.aetherflow.quantum.buffer.PagePool;

/**
 * One connection's part of the process-wide buffers: what it holds, and what it may still take.
 * Counts pages. Not thread-safe.
 */
final class Share {
  /**
   * What every connection may have in each direction when the budget is used up, so that all of
   * them keep moving: 64 KiB.
   */
  static final int FLOOR_PAGES = 16;

  /** The receive window while the budget is tight. */
  static final int TIGHT_WINDOW_BYTES = FLOOR_PAGES * Page.BYTES;

  /** What a stream takes in memory beside its content. */
  private static final int STREAM_COST_BYTES = 768;

  private static final int STREAMS_PER_PAGE = Page.BYTES / STREAM_COST_BYTES;

  private final PagePool pool;
  private int sendPages;
  private int receivePages;
  private int readablePages;
  private boolean closed;

  Share(PagePool pool) {
    this.pool = pool;
  }

  boolean isTight() {
    return pool.budget().isTight();
  }

  /** Whether the process is out of buffers and this connection has more than everyone may have. */
  boolean isExcessive() {
    boolean much = sendPages > FLOOR_PAGES || receivePages > FLOOR_PAGES;
    return much && pool.budget().isFull();
  }

  boolean isEmpty() {
    return sendPages + receivePages == 0;
  }

  /** Pages that writers may take now. */
  int writablePages() {
    if (closed) {
      return 0;
    }
    return isTight() ? Math.max(FLOOR_PAGES - sendPages, 0) : Integer.MAX_VALUE / Page.BYTES - 1;
  }

  /** Whether so many pages can be had for data that arrived, within the budget. */
  boolean hasRoom(int pages) {
    return pool.hasRoom(pages);
  }

  /**
   * The same beyond the budget: while this connection holds little, or for data in order while its
   * reader keeps up, so that what came out of order before cannot shut out what it waits for.
   *
   * @param next whether all of it could be read at once
   */
  boolean hasFloor(int pages, boolean next) {
    boolean little = receivePages + pages <= FLOOR_PAGES;
    return little || next && readablePages + pages <= FLOOR_PAGES;
  }

  Page takeForSend() {
    sendPages++;
    return pool.take();
  }

  void giveFromSend(Page page) {
    sendPages--;
    pool.give(page);
  }

  Page takeForReceive() {
    receivePages++;
    return pool.take();
  }

  void giveFromReceive(Page page) {
    receivePages--;
    pool.give(page);
  }

  void takeStream() {
    pool.budget().reserve(STREAM_COST_BYTES);
  }

  void giveStream() {
    pool.budget().release(STREAM_COST_BYTES);
  }

  /** The pages that take as much memory as so many streams. */
  static int pagesOfStreams(long streams) {
    return (int) ((streams + STREAMS_PER_PAGE - 1) / STREAMS_PER_PAGE);
  }

  /** The number of pages with unread bytes in order changed. */
  void addReadable(int pages) {
    readablePages += pages;
  }

  /** Nothing is taken any more. */
  void close() {
    closed = true;
  }

  void trim(long nowNs) {
    pool.trim(nowNs);
  }
}
