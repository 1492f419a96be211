package io.aetherflow.runtime.qlog;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of events between one writing and one reading thread: each event is a row of
 * numbers and at most one object. Allocates nothing after its construction.
 */
final class EventRing {
  /** Events that may wait; more are dropped. 10 ms of a connection at 100,000 packets a second. */
  static final int EVENTS_MAX = 4096;

  /** Numbers per event. */
  static final int NUMBERS = 8;

  private final byte[] types = new byte[EVENTS_MAX];
  private final long[] timesNs = new long[EVENTS_MAX];
  private final long[] numbers = new long[EVENTS_MAX * NUMBERS];
  private final Object[] objects = new Object[EVENTS_MAX];
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /** Takes one event; {@code numbers} holds its row from {@code at} on. */
  interface Reader {
    void onEvent(QlogEvent event, long timeNs, long[] numbers, int at, Object object);
  }

  /** Begins an event; false if there is no room. The writing thread's, as are the next two. */
  boolean begin(QlogEvent event, long timeNs) {
    long next = written.getPlain();
    if (next - read.getAcquire() == EVENTS_MAX) {
      dropped.setOpaque(dropped.getPlain() + 1);
      return false;
    }
    int slot = slot(next);
    types[slot] = (byte) event.ordinal();
    timesNs[slot] = timeNs;
    return true;
  }

  void put(int index, long number) {
    numbers[slot(written.getPlain()) * NUMBERS + index] = number;
  }

  /** Hands the event over. */
  void end(Object object) {
    long next = written.getPlain();
    objects[slot(next)] = object;
    written.setRelease(next + 1);
  }

  /** Reads what is there; says how many events that was. */
  int drain(Reader reader) {
    long from = read.getPlain();
    long to = written.getAcquire();
    for (long next = from; next < to; next++) {
      int slot = slot(next);
      Object object = objects[slot];
      objects[slot] = null;
      reader.onEvent(QlogEvent.ALL[types[slot]], timesNs[slot], numbers, slot * NUMBERS, object);
      read.setRelease(next + 1);
    }
    return (int) (to - from);
  }

  /** Events that found no room so far. */
  long dropped() {
    return dropped.getOpaque();
  }

  private static int slot(long event) {
    return (int) event & EVENTS_MAX - 1;
  }
}
