package io.aetherflow.quantum.congestion;

import java.util.PriorityQueue;

/** Virtual time: events in order of time, then of scheduling. */
final class Simulation {
  static final long MS = 1_000_000;
  static final long SECOND = 1000 * MS;

  private record Event(long atNs, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event that) {
      int byTime = Long.compare(atNs, that.atNs);
      return byTime != 0 ? byTime : Long.compare(order, that.order);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowNs;
  private long order;

  long nowNs() {
    return nowNs;
  }

  void at(long atNs, Runnable action) {
    events.add(new Event(Math.max(atNs, nowNs), order++, action));
  }

  void runUntil(long endNs) {
    while (!events.isEmpty() && events.peek().atNs <= endNs) {
      Event event = events.poll();
      nowNs = event.atNs;
      event.action.run();
    }
    nowNs = endNs;
  }
}
