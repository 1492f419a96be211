package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import java.io.IOException;

/** Of a client with one stream, which ends with the connection and the other way round. */
record AcceptedStreams(QuantumServerChannel server) implements ConnectionOwner {
  @Override
  public void onEstablished(ConnectionDriver driver) {}

  @Override
  public void onOpened(ConnectionDriver driver, QuantumStream stream) {
    server.letIn(new QuantumStreamChannel(server, driver, stream, false));
  }

  @Override
  public void onStreamsAvailable(ConnectionDriver driver) {}

  @Override
  public void onStreamClosed(ConnectionDriver driver) {
    driver.closeWhenDelivered();
  }

  @Override
  public void onClosed(ConnectionDriver driver, IOException cause) {}
}
