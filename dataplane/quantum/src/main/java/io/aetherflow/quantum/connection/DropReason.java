package io.aetherflow.quantum.connection;

/** Why a datagram was not taken. */
public enum DropReason {
  /** No well-formed Quantum packet. */
  MALFORMED,
  /** Another version of the protocol. */
  VERSION,
  /** The tag does not fit: corrupted, or made by someone who cannot make tags. */
  TAG,
  /** Of no connection that is known here. */
  STRANGER,
  /** A SYN beyond a bound: too small, too many connections, or too many unproved clients. */
  SYN_REFUSED,
  /** From an address where this peer cannot be. */
  ADDRESS,
  /** Its number is known already. */
  DUPLICATE,
  /** Its number is too far from all that can be remembered. */
  NO_ROOM,
  /** An RST, RETRY or VERSION that answers nothing of ours, or comes at the wrong time. */
  UNASKED,
  /** For a connection in no state to take it: before the handshake or after the end. */
  STATE,
  /** Speaks of streams before its sender's address is proved. */
  EARLY,
  /** There are no buffers for all of it; it comes again. */
  NO_BUFFERS
}
