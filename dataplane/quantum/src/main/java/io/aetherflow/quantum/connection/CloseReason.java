package io.aetherflow.quantum.connection;

/**
 * Why a connection is over.
 *
 * @param cause who or what ended it
 * @param errorCode the code of CLOSE for LOCAL and PEER, else 0; {@link
 *     io.aetherflow.quantum.TransportError} below 256, the user's from there on
 * @param text for humans
 */
public record CloseReason(Cause cause, long errorCode, String text) {
  /** Who or what ended a connection. */
  public enum Cause {
    /** Our own close, or our answer to a fault of the peer. */
    LOCAL,
    /** The peer's CLOSE. */
    PEER,
    /** Nothing was heard for the idle timeout. */
    IDLE,
    /** The handshake did not finish in time. */
    HANDSHAKE_TIMEOUT,
    /** The peer does not know this connection, for instance after a restart. */
    RESET,
    /** The peer speaks no version of ours. */
    VERSION,
    /** Its first packet was not taken, so that there never was a connection. */
    REFUSED
  }

  /** Whether this is an end without an error. */
  public boolean isOrderly() {
    return errorCode == 0 && (cause == Cause.LOCAL || cause == Cause.PEER);
  }
}
