package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.buffer.Page;

/**
 * The pages under a stream's content, which moves on: a table from the oldest offset kept to the
 * newest, with gaps where nothing is. Offsets are bytes. Not thread-safe.
 */
final class Pages {
  private static final Page[] NOTHING = {};
  private static final int ROOM_MIN = 4;
  private static final int SHIFT = Integer.numberOfTrailingZeros(Page.BYTES);

  private final Share share;
  private final boolean sends;
  private Page[] table = NOTHING;
  private long first;

  /**
   * @param sends whether the pages count as the sending half's
   */
  Pages(Share share, boolean sends) {
    this.share = share;
    this.sends = sends;
  }

  /** The number of the page that an offset lies in. */
  static long number(long offset) {
    return offset >>> SHIFT;
  }

  /** Where in its page an offset lies. */
  static int slot(long offset) {
    return (int) offset & Page.BYTES - 1;
  }

  /** Bytes from an offset to the end of its page. */
  static int rest(long offset) {
    return Page.BYTES - slot(offset);
  }

  /** The page of an offset, or null. */
  Page at(long offset) {
    long number = number(offset);
    return number - first >= table.length ? null : table[place(number)];
  }

  /** The page of an offset, a new one if need be; not below what was released. */
  Page take(long offset) {
    long number = number(offset);
    if (number - first >= table.length) {
      grow((int) (number - first) + 1);
    }
    int place = place(number);
    Page page = table[place];
    if (page == null) {
      page = sends ? share.takeForSend() : share.takeForReceive();
      table[place] = page;
    }
    return page;
  }

  /** Pages that {@link #take} would have to add for a range. */
  int missing(long from, long end) {
    int missing = 0;
    for (long at = from; at < end; at += rest(at)) {
      missing += at(at) == null ? 1 : 0;
    }
    return missing;
  }

  /** Copies bytes that are here. */
  void copyOut(long from, byte[] dst, int off, int length) {
    int done = 0;
    while (done < length) {
      long at = from + done;
      int run = Math.min(length - done, rest(at));
      System.arraycopy(at(at).content(), slot(at), dst, off + done, run);
      done += run;
    }
  }

  /** Gives back the pages that end at or below an offset. */
  void releaseBelow(long offset) {
    long end = number(offset);
    for (long number = first; number < Math.min(end, first + table.length); number++) {
      release(place(number));
    }
    first = end;
  }

  /** Gives back all pages; what comes next begins at an offset. */
  void clear(long offset) {
    releaseBelow(offset + (long) (table.length + 1) * Page.BYTES);
    first = number(offset);
  }

  private void release(int place) {
    Page page = table[place];
    if (page == null) {
      return;
    }
    table[place] = null;
    if (sends) {
      share.giveFromSend(page);
    } else {
      share.giveFromReceive(page);
    }
  }

  /** Forgets the table; only while no page is held. */
  void trim() {
    table = NOTHING;
  }

  private int place(long number) {
    return (int) number & table.length - 1;
  }

  private void grow(int pages) {
    Page[] old = table;
    table = new Page[Math.max(ROOM_MIN, Integer.highestOneBit(pages - 1) << 1)];
    for (long number = first; number < first + old.length; number++) {
      table[place(number)] = old[(int) number & old.length - 1];
    }
  }
}
