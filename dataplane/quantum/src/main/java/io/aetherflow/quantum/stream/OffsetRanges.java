package io.aetherflow.quantum.stream;

/**
 * A set of stream offsets as disjoint half-open ranges, lowest first. Grows with the number of
 * holes, which the sender's own window bounds. Not thread-safe.
 */
final class OffsetRanges {
  private static final int ROOM_MIN = 4;

  private long[] starts = new long[ROOM_MIN];
  private long[] ends = new long[ROOM_MIN];
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  long start(int i) {
    return starts[i];
  }

  long end(int i) {
    return ends[i];
  }

  void clear() {
    count = 0;
  }

  /** Adds {@code [from, to)}, joining what it touches. */
  void add(long from, long to) {
    if (from >= to) {
      return;
    }
    int low = firstEndingAtOrAfter(from);
    int high = low;
    long start = from;
    long end = to;
    while (high < count && starts[high] <= to) {
      start = Math.min(start, starts[high]);
      end = Math.max(end, ends[high]);
      high++;
    }
    replace(low, high, 1);
    starts[low] = start;
    ends[low] = end;
  }

  /** Takes {@code [from, to)} out. */
  void remove(long from, long to) {
    if (from >= to) {
      return;
    }
    int low = firstEndingAtOrAfter(from + 1);
    int high = low;
    while (high < count && starts[high] < to) {
      high++;
    }
    if (low == high) {
      return;
    }
    long headStart = starts[low];
    long tailEnd = ends[high - 1];
    boolean head = headStart < from;
    boolean tail = tailEnd > to;
    replace(low, high, (head ? 1 : 0) + (tail ? 1 : 0));
    int at = low;
    if (head) {
      starts[at] = headStart;
      ends[at++] = from;
    }
    if (tail) {
      starts[at] = to;
      ends[at] = tailEnd;
    }
  }

  private int firstEndingAtOrAfter(long offset) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Puts {@code room} free entries in the place of {@code [low, high)}. */
  private void replace(int low, int high, int room) {
    int newCount = count - (high - low) + room;
    if (newCount > starts.length) {
      starts = java.util.Arrays.copyOf(starts, starts.length * 2);
      ends = java.util.Arrays.copyOf(ends, ends.length * 2);
    }
    System.arraycopy(starts, high, starts, low + room, count - high);
    System.arraycopy(ends, high, ends, low + room, count - high);
    count = newCount;
  }
}
