package io.aetherflow.quantum.stream;

/**
 * The sending half of a stream.
 *
 * <pre>
 * OPEN --finish--> FINISHED --delivered--> DONE
 *   |                 |                      ^
 *   +----- reset -----+--> RESET --delivered-+
 * </pre>
 */
public enum SendState {
  /** The user may write. */
  OPEN,
  /** The user has finished; not everything has arrived yet. */
  FINISHED,
  /** Given up with an error code; the peer has not confirmed it yet. */
  RESET,
  /** The peer has everything, the end or the RESET included. */
  DONE;

  SendState onFinish() {
    return switch (this) {
      case OPEN -> FINISHED;
      case FINISHED, RESET, DONE -> throw new IllegalStateException("finish in " + this);
    };
  }

  /** Resetting twice, or what is done, changes nothing. */
  SendState onReset() {
    return switch (this) {
      case OPEN, FINISHED -> RESET;
      case RESET, DONE -> this;
    };
  }

  SendState onDelivered() {
    return switch (this) {
      case FINISHED, RESET, DONE -> DONE;
      case OPEN -> throw new IllegalStateException("delivered in " + this);
    };
  }
}
