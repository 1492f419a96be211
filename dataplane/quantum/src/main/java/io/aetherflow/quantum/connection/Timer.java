package io.aetherflow.quantum.connection;

/** Everything that a connection waits for. */
enum Timer {
  /** A packet becomes lost, or a tail-loss probe is due. */
  LOSS,
  /** An acknowledgement was held back long enough. */
  ACK_DELAY,
  /** The pace allows the next packet. */
  PACING,
  /** An open parity group has waited long enough. */
  FEC_FLUSH,
  /** A spaced copy of parity is due. */
  FEC_REPAIR,
  /** Nothing was heard for so long that the peer counts as gone. */
  IDLE,
  /** Nothing was sent for so long that a middlebox may forget us. */
  KEEP_ALIVE,
  /** The handshake takes too long. */
  HANDSHAKE,
  /** A closed connection has answered late packets for long enough. */
  CLOSE,
  /** A path challenge went unanswered. */
  PATH,
  /** A larger datagram may be tried again. */
  MTU,
  /** The connection is idle enough to give memory back. */
  TRIM
}
