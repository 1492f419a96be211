package io.aetherflow.quantum.connection;

/**
 * The life of a connection.
 *
 * <pre>
 * client: CONNECTING --SYN|ACK--> ESTABLISHED
 * server: ACCEPTING --address validated--> ESTABLISHED
 * CONNECTING, ESTABLISHED: --close--> CLOSING --3 probe timeouts--> CLOSED
 * ACCEPTING: --close--> CLOSED
 * any but CLOSED: --peer's CLOSE--> DRAINING --3 probe timeouts--> CLOSED
 * any but CLOSED: --idle, handshake timeout, RST, unknown version--> CLOSED
 * </pre>
 */
public enum ConnectionState {
  /** A client's SYN is on its way. */
  CONNECTING,
  /** A server has answered a SYN and waits for the client's address to prove itself. */
  ACCEPTING,
  /** Streams flow. */
  ESTABLISHED,
  /** We closed; late packets are answered with CLOSE. */
  CLOSING,
  /** The peer closed; late packets are dropped. */
  DRAINING,
  /** Over. */
  CLOSED;

  ConnectionState onEstablished() {
    return switch (this) {
      case CONNECTING, ACCEPTING -> ESTABLISHED;
      case ESTABLISHED, CLOSING, DRAINING, CLOSED ->
          throw new IllegalStateException("established in " + this);
    };
  }

  ConnectionState onLocalClose() {
    return switch (this) {
      case CONNECTING, ESTABLISHED -> CLOSING;
      // An address that is not proved gets no memory for an orderly end.
      case ACCEPTING -> CLOSED;
      case CLOSING, DRAINING, CLOSED -> this;
    };
  }

  ConnectionState onPeerClose() {
    return switch (this) {
      case CONNECTING, ACCEPTING, ESTABLISHED, CLOSING -> DRAINING;
      case DRAINING, CLOSED -> this;
    };
  }

  /** Nothing more is said or heard. */
  ConnectionState onOver() {
    return CLOSED;
  }

  /** Whether streams may still move. */
  public boolean isOpen() {
    return this == CONNECTING || this == ACCEPTING || this == ESTABLISHED;
  }
}
