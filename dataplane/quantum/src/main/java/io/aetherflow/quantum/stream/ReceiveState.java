package io.aetherflow.quantum.stream;

/**
 * The receiving half of a stream.
 *
 * <pre>
 * OPEN --read to the end--> DONE
 *   | \                      ^ ^
 *   |  +--- reset -----------+ |
 *   +-- stop --> STOPPED --end +
 * </pre>
 */
public enum ReceiveState {
  /** The user may read. */
  OPEN,
  /** The user wants no more; what still arrives is counted and dropped. */
  STOPPED,
  /** Read to the end, or reset by the peer. */
  DONE;

  ReceiveState onStop() {
    return switch (this) {
      case OPEN, STOPPED -> STOPPED;
      case DONE -> DONE;
    };
  }

  ReceiveState onEnd() {
    return switch (this) {
      case OPEN, STOPPED -> DONE;
      case DONE -> throw new IllegalStateException("end in " + this);
    };
  }
}
