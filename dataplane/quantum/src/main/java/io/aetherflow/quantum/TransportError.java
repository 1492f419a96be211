package io.aetherflow.quantum;

/**
 * Why a connection closes: the error codes of CLOSE below 256. Codes from 256 on are the user's.
 */
public enum TransportError {
  /** Nothing is wrong. */
  NONE(0),
  /** A fault of our own program. */
  INTERNAL(1),
  /** Something that the protocol forbids and that has no code of its own. */
  PROTOCOL_VIOLATION(2),
  /** More data than was granted. */
  FLOW_CONTROL(3),
  /** More streams than were granted. */
  STREAM_LIMIT(4),
  /** A frame for a stream that cannot have it. */
  STREAM_STATE(5),
  /** Contradicting ends of a stream. */
  FINAL_SIZE(6),
  /** A malformed frame in an intact packet. */
  FRAME_ENCODING(7);

  /** The first code that is free for users. */
  public static final long APPLICATION_MIN = 256;

  private final int code;

  TransportError(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
