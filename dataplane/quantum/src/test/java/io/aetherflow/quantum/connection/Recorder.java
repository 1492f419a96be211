package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.stream.QuantumStream;

/** Keeps the newest of each event. */
final class Recorder implements ConnectionListener {
  boolean established;
  QuantumStream opened;
  QuantumStream readable;
  QuantumStream reset;
  QuantumStream stopped;
  int closedStreams;
  CloseReason closed;

  @Override
  public void onEstablished() {
    established = true;
  }

  @Override
  public void onClosed(CloseReason reason) {
    closed = reason;
  }

  @Override
  public void onOpened(QuantumStream stream) {
    opened = stream;
  }

  @Override
  public void onReadable(QuantumStream stream) {
    readable = stream;
  }

  @Override
  public void onWritable(QuantumStream stream) {}

  @Override
  public void onReset(QuantumStream stream) {
    reset = stream;
  }

  @Override
  public void onStopped(QuantumStream stream) {
    stopped = stream;
  }

  @Override
  public void onClosed(QuantumStream stream) {
    closedStreams++;
  }

  @Override
  public void onStreamsAvailable() {}
}
