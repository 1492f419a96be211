package io.aetherflow.quantum.connection;

import java.util.Arrays;

/** All deadlines of a connection, in nanoseconds of its clock. Not thread-safe. */
final class TimerTable {
  static final long NEVER = Long.MAX_VALUE;

  private static final Timer[] TIMERS = Timer.values();

  private final long[] deadlineNs = new long[TIMERS.length];

  TimerTable() {
    disarmAll();
  }

  void arm(Timer timer, long atNs) {
    deadlineNs[timer.ordinal()] = atNs;
  }

  void armIfUnarmed(Timer timer, long atNs) {
    if (!isArmed(timer)) {
      arm(timer, atNs);
    }
  }

  void disarm(Timer timer) {
    deadlineNs[timer.ordinal()] = NEVER;
  }

  void disarmAll() {
    Arrays.fill(deadlineNs, NEVER);
  }

  boolean isArmed(Timer timer) {
    return deadlineNs[timer.ordinal()] != NEVER;
  }

  long deadlineNs(Timer timer) {
    return deadlineNs[timer.ordinal()];
  }

  long nextNs() {
    long next = NEVER;
    for (long deadline : deadlineNs) {
      next = Math.min(next, deadline);
    }
    return next;
  }

  /** Disarms and returns the first timer that is due, or null. */
  Timer pollDue(long nowNs) {
    for (int i = 0; i < deadlineNs.length; i++) {
      if (deadlineNs[i] <= nowNs) {
        deadlineNs[i] = NEVER;
        return TIMERS[i];
      }
    }
    return null;
  }
}
