package io.aetherflow.quantum.congestion;

/**
 * Counts packet-timed round trips (section "BBR.round_count"): a round ends when a packet that left
 * after its start is acknowledged. Not thread-safe.
 */
final class RoundCounter {
  private long endDelivered;
  private long count;
  private boolean started;

  /** Looks whether the acknowledged packet ends the round. */
  void update(long priorDelivered, long delivered) {
    started = priorDelivered >= endDelivered;
    if (started) {
      restart(delivered);
      count++;
    }
  }

  /** Begins a round now, without counting one. */
  void restart(long delivered) {
    endDelivered = delivered;
  }

  /** Whether this acknowledgement began a round. */
  boolean started() {
    return started;
  }

  long count() {
    return count;
  }
}
