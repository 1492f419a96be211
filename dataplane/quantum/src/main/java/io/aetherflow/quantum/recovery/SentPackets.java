package io.aetherflow.quantum.recovery;

/**
 * The sender's record of its packets, a ring of primitive arrays indexed by packet number, and the
 * owner of the bytes in flight. Each number goes from in flight to acked, lost or recovered, and
 * from lost to a late ack, once each. The ring grows with the span of open numbers up to a bound,
 * so an idle connection stays small. Not thread-safe.
 */
public final class SentPackets {
  /**
   * Caps the span from the oldest open number to the newest, against a peer that never lets the
   * cumulative number rise. Covers the default congestion window of 65,536 packets.
   */
  public static final int SPAN_MAX = 1 << 17;

  private static final int SPAN_MIN = 64;

  /** What became of a number. */
  public enum State {
    /** Never sent, or so old that its record is gone. */
    NONE,
    IN_FLIGHT,
    ACKED,
    LOST,
    RECOVERED
  }

  private static final State[] STATES = State.values();

  private byte[] states = new byte[SPAN_MIN];
  private int[] sizes = new int[SPAN_MIN];
  private long[] sentNs = new long[SPAN_MIN];
  private long[] lostNs = new long[SPAN_MIN];
  private long oldest = 1;
  private long next = 1;
  private long bytesInFlight;
  private long forgoFrom = 1;

  /** Whether another number fits; if not, the connection must wait for acknowledgements. */
  public boolean hasRoom() {
    return next - oldest < SPAN_MAX;
  }

  /** The number that the next packet will have. */
  public long nextNumber() {
    return next;
  }

  /** The largest number sent, 0 before the first. */
  public long largestSent() {
    return next - 1;
  }

  /** The oldest number whose record is kept; all below it are settled. */
  public long oldest() {
    return oldest;
  }

  public long bytesInFlight() {
    return bytesInFlight;
  }

  /**
   * Records a packet and gives it the next number.
   *
   * @param bytes datagram length that counts in flight; 0 for a pure acknowledgement, which needs
   *     no answer and starts as settled
   */
  public long onSent(int bytes, long nowNs) {
    if (!hasRoom()) {
      throw new IllegalStateException("all " + SPAN_MAX + " records are open; ask hasRoom first");
    }
    if (next - oldest == states.length) {
      resize(states.length * 2);
    }
    int slot = slot(next);
    State state = bytes == 0 ? State.ACKED : State.IN_FLIGHT;
    states[slot] = (byte) state.ordinal();
    sizes[slot] = bytes;
    sentNs[slot] = nowNs;
    lostNs[slot] = 0;
    bytesInFlight += bytes;
    long number = next++;
    advance();
    return number;
  }

  public State state(long number) {
    return number < oldest || number >= next ? State.NONE : STATES[states[slot(number)]];
  }

  /** When a recorded number was sent. */
  public long sentNs(long number) {
    return sentNs[slot(recorded(number))];
  }

  /** Datagram length of a recorded number. */
  public int bytes(long number) {
    return sizes[slot(recorded(number))];
  }

  /**
   * Moves a number to ACKED.
   *
   * @return the state it had; anything but IN_FLIGHT or LOST means that nothing changed, and LOST
   *     means that declaring it lost was wrong
   */
  public State onAcked(long number) {
    State before = state(number);
    if (before == State.IN_FLIGHT || before == State.LOST) {
      settle(number, before, State.ACKED);
    }
    return before;
  }

  /** Moves a number from IN_FLIGHT to LOST; false if it was anywhere else. */
  public boolean onLost(long number, long nowNs) {
    if (state(number) != State.IN_FLIGHT) {
      return false;
    }
    lostNs[slot(number)] = nowNs;
    settle(number, State.IN_FLIGHT, State.LOST);
    return true;
  }

  /** Moves a number to RECOVERED; returns the state it had, as {@link #onAcked} does. */
  public State onRecovered(long number, long nowNs) {
    State before = state(number);
    if (before == State.IN_FLIGHT || before == State.LOST) {
      lostNs[slot(number)] = before == State.LOST ? lostNs[slot(number)] : nowNs;
      settle(number, before, State.RECOVERED);
    }
    return before;
  }

  /**
   * The n of FORGO(n): every number below it is acked, or was lost or recovered at least {@code
   * waitNs} (a round trip) ago. Never falls.
   */
  public long forgo(long nowNs, long waitNs) {
    forgoFrom = Math.max(forgoFrom, oldest);
    while (forgoFrom < next && isForgone(forgoFrom, nowNs, waitNs)) {
      forgoFrom++;
    }
    return forgoFrom;
  }

  private boolean isForgone(long number, long nowNs, long waitNs) {
    return switch (state(number)) {
      case NONE, ACKED -> true;
      case IN_FLIGHT -> false;
      case LOST, RECOVERED -> nowNs - lostNs[slot(number)] >= waitNs;
    };
  }

  /**
   * Drops the records that the peer's cumulative number has passed. A number that was still in
   * flight counts as neither delivered nor lost from here on; call after acks were taken.
   */
  public void onCumulative(long ack) {
    long end = Math.min(ack + 1, next);
    for (; oldest < end; oldest++) {
      if (state(oldest) == State.IN_FLIGHT) {
        bytesInFlight -= sizes[slot(oldest)];
      }
    }
    advance();
  }

  private void settle(long number, State before, State after) {
    if (before == State.IN_FLIGHT) {
      bytesInFlight -= sizes[slot(number)];
    }
    states[slot(number)] = (byte) after.ordinal();
    advance();
  }

  /** Acked numbers at the old end need no record; lost ones stay, for a late ack or FORGO. */
  private void advance() {
    while (oldest < next && state(oldest) == State.ACKED) {
      oldest++;
    }
  }

  private long recorded(long number) {
    if (state(number) == State.NONE) {
      throw new IllegalArgumentException("no record of packet " + number);
    }
    return number;
  }

  private int slot(long number) {
    return (int) number & states.length - 1;
  }

  /** Gives back what a burst made the rings grow by, as far as open numbers let it. */
  public void trim() {
    int length = states.length;
    while (length > SPAN_MIN && next - oldest <= length / 2) {
      length /= 2;
    }
    if (length < states.length) {
      resize(length);
    }
  }

  private void resize(int length) {
    byte[] newStates = new byte[length];
    int[] newSizes = new int[length];
    long[] newSentNs = new long[length];
    long[] newLostNs = new long[length];
    for (long number = oldest; number < next; number++) {
      int from = slot(number);
      int to = (int) number & length - 1;
      newStates[to] = states[from];
      newSizes[to] = sizes[from];
      newSentNs[to] = sentNs[from];
      newLostNs[to] = lostNs[from];
    }
    states = newStates;
    sizes = newSizes;
    sentNs = newSentNs;
    lostNs = newLostNs;
  }
}
