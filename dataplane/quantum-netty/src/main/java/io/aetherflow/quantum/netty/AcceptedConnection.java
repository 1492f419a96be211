package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import java.io.IOException;

/** Of a client that is shaking hands: it gets a channel when it has proved its address. */
record AcceptedConnection(QuantumServerChannel server) implements ConnectionOwner {
  @Override
  public void onEstablished(ConnectionDriver driver) {
    server.letIn(new QuantumConnectionChannel(server, driver));
  }

  @Override
  public void onOpened(ConnectionDriver driver, QuantumStream stream) {
    throw new IllegalStateException("a stream before the handshake is done");
  }

  @Override
  public void onStreamsAvailable(ConnectionDriver driver) {}

  @Override
  public void onStreamClosed(ConnectionDriver driver) {
    throw new IllegalStateException("a stream before the handshake is done");
  }

  @Override
  public void onClosed(ConnectionDriver driver, IOException cause) {}
}
