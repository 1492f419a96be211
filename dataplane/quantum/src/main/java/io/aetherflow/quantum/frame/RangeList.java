package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.packet.PacketRanges;
import java.util.Arrays;

/**
 * A bounded, reusable list of packet-number ranges, newest first. At most {@link
 * FrameLimits#RANGES_MAX}. Not thread-safe.
 */
public final class RangeList implements PacketRanges {
  private final long[] first = new long[FrameLimits.RANGES_MAX];
  private final long[] last = new long[FrameLimits.RANGES_MAX];
  private int count;

  /** A list of {@code first, last, first, last, ...}, newest range first. */
  public static RangeList of(long... ends) {
    RangeList list = new RangeList();
    for (int i = 0; i + 1 < ends.length; i += 2) {
      if (!list.add(ends[i], ends[i + 1])) {
        throw new IllegalArgumentException(
            "ranges must fall and leave gaps: " + Arrays.toString(ends));
      }
    }
    return list;
  }

  public void clear() {
    count = 0;
  }

  /**
   * Appends an older range; false, and nothing changed, if full, reversed or not below with a gap.
   */
  public boolean add(long first, long last) {
    boolean ordered =
        first >= 0 && first <= last && (count == 0 || last < this.first[count - 1] - 1);
    if (!ordered || count == FrameLimits.RANGES_MAX) {
      return false;
    }
    this.first[count] = first;
    this.last[count++] = last;
    return true;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long first(int i) {
    return first[i];
  }

  @Override
  public long last(int i) {
    return last[i];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RangeList that
        && count == that.count
        && Arrays.equals(first, 0, count, that.first, 0, count)
        && Arrays.equals(last, 0, count, that.last, 0, count);
  }

  @Override
  public int hashCode() {
    int hash = count;
    for (int i = 0; i < count; i++) {
      hash = 31 * hash + Long.hashCode(first[i] * 31 + last[i]);
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ", ").append(first[i]).append('-').append(last[i]);
    }
    return text.append(']').toString();
  }
}
