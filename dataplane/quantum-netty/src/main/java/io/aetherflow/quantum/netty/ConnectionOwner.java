package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import java.io.IOException;

/** What a connection means to the channels on it. Called in the event loop of its socket. */
interface ConnectionOwner {
  /** The handshake is done. */
  void onEstablished(ConnectionDriver driver);

  /** The peer opened a stream. */
  void onOpened(ConnectionDriver driver, QuantumStream stream);

  /** Opening a stream may succeed now. */
  void onStreamsAvailable(ConnectionDriver driver);

  /** A stream's channel was closed. */
  void onStreamClosed(ConnectionDriver driver);

  /**
   * The connection is over, its streams know it already.
   *
   * @param cause null for an orderly end
   */
  void onClosed(ConnectionDriver driver, IOException cause);
}
