package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.stream.QuantumStream;

/** Reads everything and keeps nothing. */
final class SilentListener implements ConnectionListener {
  private final byte[] sink = new byte[4096];

  @Override
  public void onEstablished() {}

  @Override
  public void onClosed(CloseReason reason) {}

  @Override
  public void onOpened(QuantumStream stream) {}

  @Override
  public void onReadable(QuantumStream stream) {
    while (stream.read(sink, 0, sink.length) > 0) {}
  }

  @Override
  public void onWritable(QuantumStream stream) {}

  @Override
  public void onReset(QuantumStream stream) {}

  @Override
  public void onStopped(QuantumStream stream) {}

  @Override
  public void onClosed(QuantumStream stream) {}

  @Override
  public void onStreamsAvailable() {}
}
