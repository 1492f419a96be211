package io.aetherflow.quantum.congestion;

import java.util.Arrays;

/**
 * What the sampler remembers of each packet in flight (section "Per-packet state"), in primitive
 * arrays indexed by packet number. Counters are kept modulo 2^32, enough for any flight below 4 GB.
 * Two numbers that meet in a slot double the ring while it is well filled, up to a bound; otherwise
 * the older one, whose fate was never reported, is forgotten and yields no sample. Not thread-safe.
 */
final class SentRing {
  /** As many as the connection keeps records of, so that the ring forgets none it may be asked. */
  static final int PACKETS_MAX = 1 << 17;

  /** A sparse connection stays within a few packets. */
  static final int PACKETS_MIN = 32;

  private static final long FREE = -1;

  private long[] numbers = freeNumbers(PACKETS_MIN);
  private long[] firstSentNs = new long[PACKETS_MIN];
  private long[] deliveredNs = new long[PACKETS_MIN];
  private int[] delivered = new int[PACKETS_MIN];
  private int[] lost = new int[PACKETS_MIN];
  private int[] inFlight = new int[PACKETS_MIN];
  private boolean[] appLimited = new boolean[PACKETS_MIN];
  private int open;

  /** Takes a place for a number and returns its slot, for the setters below. */
  int open(long number) {
    int slot = slot(number);
    while (numbers[slot] != FREE && open >= numbers.length / 4 && numbers.length < PACKETS_MAX) {
      resize(numbers.length * 2);
      slot = slot(number);
    }
    open += numbers[slot] == FREE ? 1 : 0;
    numbers[slot] = number;
    return slot;
  }

  /** The slot of a number, or -1 if it is not known (any more). */
  int find(long number) {
    int slot = slot(number);
    return numbers[slot] == number ? slot : -1;
  }

  void close(int slot) {
    numbers[slot] = FREE;
    open--;
  }

  /** Gives memory back; only while nothing is in flight. */
  void shrink() {
    if (numbers.length > PACKETS_MIN) {
      Arrays.fill(numbers, FREE);
      open = 0;
      resize(PACKETS_MIN);
    }
  }

  int capacity() {
    return numbers.length;
  }

  void set(int slot, long delivered, long deliveredNs, long firstSentNs, long lost, long inFlight) {
    this.delivered[slot] = (int) delivered;
    this.deliveredNs[slot] = deliveredNs;
    this.firstSentNs[slot] = firstSentNs;
    this.lost[slot] = (int) lost;
    this.inFlight[slot] = (int) Math.min(inFlight, Integer.MAX_VALUE);
  }

  void setAppLimited(int slot, boolean limited) {
    appLimited[slot] = limited;
  }

  /** Bytes delivered from the packet's departure until the counter stood at {@code now}. */
  long deliveredSince(int slot, long now) {
    return (int) now - delivered[slot] & 0xFFFF_FFFFL;
  }

  /**
   * Bytes lost from the packet's departure until the counter stood at {@code now}; 0 if more losses
   * than that were taken back.
   */
  long lostSince(int slot, long now) {
    return Math.max((int) now - lost[slot], 0);
  }

  long deliveredNs(int slot) {
    return deliveredNs[slot];
  }

  long firstSentNs(int slot) {
    return firstSentNs[slot];
  }

  /** Bytes in flight right after the packet left. */
  long inFlight(int slot) {
    return inFlight[slot];
  }

  boolean appLimited(int slot) {
    return appLimited[slot];
  }

  private int slot(long number) {
    return (int) number & numbers.length - 1;
  }

  private static long[] freeNumbers(int length) {
    long[] numbers = new long[length];
    Arrays.fill(numbers, FREE);
    return numbers;
  }

  /** Numbers apart modulo a length are apart modulo its double, so nothing meets while growing. */
  private void resize(int length) {
    SentRing old = new SentRing(this);
    numbers = freeNumbers(length);
    firstSentNs = new long[length];
    deliveredNs = new long[length];
    delivered = new int[length];
    lost = new int[length];
    inFlight = new int[length];
    appLimited = new boolean[length];
    for (int from = 0; from < old.numbers.length; from++) {
      if (old.numbers[from] != FREE) {
        copy(old, from);
      }
    }
  }

  private void copy(SentRing old, int from) {
    int to = slot(old.numbers[from]);
    numbers[to] = old.numbers[from];
    firstSentNs[to] = old.firstSentNs[from];
    deliveredNs[to] = old.deliveredNs[from];
    delivered[to] = old.delivered[from];
    lost[to] = old.lost[from];
    inFlight[to] = old.inFlight[from];
    appLimited[to] = old.appLimited[from];
  }

  SentRing() {}

  private SentRing(SentRing that) {
    numbers = that.numbers;
    firstSentNs = that.firstSentNs;
    deliveredNs = that.deliveredNs;
    delivered = that.delivered;
    lost = that.lost;
    inFlight = that.inFlight;
    appLimited = that.appLimited;
  }
}
