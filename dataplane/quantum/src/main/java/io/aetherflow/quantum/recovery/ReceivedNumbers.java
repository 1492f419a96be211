package io.aetherflow.quantum.recovery;

import io.aetherflow.quantum.packet.PacketRanges;
import java.util.Arrays;

/**
 * The receiver's half of acknowledgement: the cumulative number and the ranges above it. It is also
 * the replay filter: a number is accepted once. Numbers that were rebuilt from parity are settled
 * by the sender's FORGO, never by {@link #onReceived}. Bounded memory, no allocation once grown.
 * Not thread-safe.
 */
public final class ReceivedNumbers implements PacketRanges {
  /**
   * Caps memory and the shifting per packet that a hostile sender can cause with holes: 32 kB. An
   * honest sender's holes are closed by FORGO two round trips later; 1 Gbit/s over 100 ms with 5 %
   * loss leaves 900 open.
   */
  public static final int RANGES_MAX = 2048;

  private static final int RANGES_MIN = 8;

  /** Oldest first, so that the common arrival, above all others, moves nothing. */
  private long[] first = new long[RANGES_MIN];

  private long[] last = new long[RANGES_MIN];
  private int count;
  private long ack;

  /** What {@link #onReceived} says. */
  public enum Arrival {
    /** New, and nothing is missing below it. */
    IN_ORDER,
    /** New, and something is missing below it: acknowledge at once. */
    BEYOND_GAP,
    /** Settled before: drop it. */
    DUPLICATE,
    /** No room to remember it: drop it, the sender will resend. */
    NO_ROOM
  }

  /** Records a packet that was opened, before its frames are read. */
  public Arrival onReceived(long number) {
    if (number <= ack) {
      return Arrival.DUPLICATE;
    }
    int at = firstRangeEndingAtOrAbove(number);
    if (at < count && first[at] <= number) {
      return Arrival.DUPLICATE;
    }
    if (!insert(at, number)) {
      return Arrival.NO_ROOM;
    }
    absorb();
    return count == 0 ? Arrival.IN_ORDER : Arrival.BEYOND_GAP;
  }

  /** Obeys FORGO: everything below {@code number} is settled. Idempotent; never goes back. */
  public void onForgo(long number) {
    ack = Math.max(ack, number - 1);
    absorb();
  }

  /** Whether a number needs no further arrival. */
  public boolean isSettled(long number) {
    int at = firstRangeEndingAtOrAbove(number);
    return number <= ack || (at < count && first[at] <= number);
  }

  /** Every number up to this one is settled. */
  public long ack() {
    return ack;
  }

  /** The largest number seen or forgone. */
  public long largest() {
    return count == 0 ? ack : last[count - 1];
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long first(int i) {
    return first[count - 1 - java.util.Objects.checkIndex(i, count)];
  }

  @Override
  public long last(int i) {
    return last[count - 1 - java.util.Objects.checkIndex(i, count)];
  }

  private int firstRangeEndingAtOrAbove(long number) {
    if (count == 0 || number > last[count - 1]) {
      return count;
    }
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (last[middle] < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** {@code number} lies between ranges {@code at - 1} and {@code at}. */
  private boolean insert(int at, long number) {
    boolean touchesOlder = at > 0 && last[at - 1] == number - 1;
    boolean touchesNewer = at < count && first[at] == number + 1;
    if (touchesOlder && touchesNewer) {
      last[at - 1] = last[at];
      remove(at, 1);
    } else if (touchesOlder) {
      last[at - 1] = number;
    } else if (touchesNewer) {
      first[at] = number;
    } else if (count < RANGES_MAX || number == ack + 1) {
      return insertNew(at, number);
    } else {
      return false;
    }
    return true;
  }

  private boolean insertNew(int at, long number) {
    if (number == ack + 1) {
      ack = number;
      return true;
    }
    if (count == first.length) {
      first = Arrays.copyOf(first, 2 * count);
      last = Arrays.copyOf(last, 2 * count);
    }
    System.arraycopy(first, at, first, at + 1, count - at);
    System.arraycopy(last, at, last, at + 1, count - at);
    first[at] = number;
    last[at] = number;
    count++;
    return true;
  }

  /** Lets the cumulative number swallow the ranges it has reached. */
  private void absorb() {
    int reached = 0;
    while (reached < count && first[reached] <= ack + 1) {
      ack = Math.max(ack, last[reached]);
      reached++;
    }
    remove(0, reached);
  }

  private void remove(int at, int ranges) {
    int rest = count - at - ranges;
    System.arraycopy(first, at + ranges, first, at, rest);
    System.arraycopy(last, at + ranges, last, at, rest);
    count -= ranges;
  }
}
