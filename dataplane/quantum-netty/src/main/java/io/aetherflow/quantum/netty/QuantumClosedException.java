package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.CloseReason;
import java.io.IOException;

/** A connection has ended otherwise than in order. */
public final class QuantumClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient CloseReason reason;

  QuantumClosedException(CloseReason reason) {
    super("Quantum connection closed: " + reason.cause() + " " + reason.text());
    this.reason = reason;
  }

  /** Who ended it, with which code. */
  public CloseReason reason() {
    return reason;
  }
}
