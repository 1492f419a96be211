package io.aetherflow.quantum.congestion;

/**
 * The maximum over the current and the previous slot of some virtual time: bandwidth probing cycles
 * for the bandwidth, groups of rounds for acknowledgement bunching. Not thread-safe.
 */
final class SlotMax {
  private long previous;
  private long current;

  void offer(long value) {
    current = Math.max(current, value);
  }

  /** Begins the next slot and forgets the one before the last. */
  void advance() {
    previous = current;
    current = 0;
  }

  /** Begins the next slot unless this one has seen nothing, so that silence forgets nothing. */
  void advanceIfFed() {
    if (current > 0) {
      advance();
    }
  }

  long max() {
    return Math.max(previous, current);
  }
}
