package io.aetherflow.quantum.sim;

import java.util.PriorityQueue;

/** Virtual time: runs actions in the order of their times, and of their entry where these agree. */
final class SimClock {
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

  void after(long delayNs, Runnable action) {
    at(nowNs + delayNs, action);
  }

  /** Runs the next action; false if there is none. */
  boolean step() {
    Event event = events.poll();
    if (event == null) {
      return false;
    }
    nowNs = event.atNs();
    event.action().run();
    return true;
  }
}
