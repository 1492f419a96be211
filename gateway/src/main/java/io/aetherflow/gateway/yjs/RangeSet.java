package io.aetherflow.gateway.yjs;

import io.aetherflow.gateway.yjs.YjsUpdate.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Clocks of many clients, as ranges that neither overlap nor touch, 24 bytes each. Additions are
 * gathered and merged in together, so that scattered ones cost little; questions merge first. Not
 * thread-safe.
 */
final class RangeSet {
  /** Merged together: each merge walks the whole set. */
  static final int GATHERED_MAX = 4_096;

  private static final Comparator<Range> ORDER =
      Comparator.comparingLong(Range::client).thenComparingLong(Range::from);

  private final List<Range> gathered = new ArrayList<>();

  /** Client, from, to of each range, in order. */
  private long[] merged = {};

  /** Adds the clocks, none if the range is empty. */
  void add(Range range) {
    if (range.from() < range.to()) {
      gathered.add(range);
      if (gathered.size() >= GATHERED_MAX) {
        merge();
      }
    }
  }

  boolean covers(Range range) {
    merge();
    if (range.from() >= range.to()) {
      return true;
    }
    int holder = lastNotAfter(range);
    return holder >= 0
        && merged[3 * holder] == range.client()
        && merged[3 * holder + 2] >= range.to();
  }

  /** Without what is gathered; costs nothing. */
  int mergedSize() {
    return merged.length / 3;
  }

  void forEach(Consumer<Range> action) {
    allMatch(range -> {
      action.accept(range);
      return true;
    });
  }

  boolean allMatch(Predicate<Range> condition) {
    merge();
    for (int i = 0; i < merged.length; i += 3) {
      if (!condition.test(new Range(merged[i], merged[i + 1], merged[i + 2]))) {
        return false;
      }
    }
    return true;
  }

  void clear() {
    gathered.clear();
    merged = new long[0];
  }

  /** Where the last range begins that begins no later than this one; -1 if none does. */
  private int lastNotAfter(Range range) {
    int low = 0;
    int high = merged.length / 3 - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long client = merged[3 * middle];
      boolean after =
          client > range.client()
              || client == range.client() && merged[3 * middle + 1] > range.from();
      if (after) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  private void merge() {
    if (gathered.isEmpty()) {
      return;
    }
    gathered.sort(ORDER);
    Merging result = new Merging(merged.length + 3 * gathered.size());
    int old = 0;
    for (Range each : gathered) {
      for (; old < merged.length && isBefore(old, each); old += 3) {
        result.append(merged[old], merged[old + 1], merged[old + 2]);
      }
      result.append(each.client(), each.from(), each.to());
    }
    for (; old < merged.length; old += 3) {
      result.append(merged[old], merged[old + 1], merged[old + 2]);
    }
    merged = Arrays.copyOf(result.ranges, result.length);
    gathered.clear();
  }

  private boolean isBefore(int old, Range range) {
    return merged[old] < range.client()
        || merged[old] == range.client() && merged[old + 1] <= range.from();
  }

  /** Takes ranges in order and joins those that touch. */
  private static final class Merging {
    final long[] ranges;
    int length;

    Merging(int capacity) {
      ranges = new long[capacity];
    }

    void append(long client, long from, long to) {
      if (length > 0 && ranges[length - 3] == client && ranges[length - 1] >= from) {
        ranges[length - 1] = Math.max(ranges[length - 1], to);
      } else {
        ranges[length] = client;
        ranges[length + 1] = from;
        ranges[length + 2] = to;
        length += 3;
      }
    }
  }
}
