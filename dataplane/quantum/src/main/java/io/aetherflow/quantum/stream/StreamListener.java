package io.aetherflow.quantum.stream;

/** Readiness of streams. May use every call of the streams and of their connection. */
public interface StreamListener {
  /** The peer opened a stream. */
  void onOpened(QuantumStream stream);

  /** There is something to read, or the end is here. */
  void onReadable(QuantumStream stream);

  /** A writer that was stopped short may go on. */
  void onWritable(QuantumStream stream);

  /** The peer gave its sending half up; {@link QuantumStream#peerErrorCode} says why. */
  void onReset(QuantumStream stream);

  /** The peer wants no more; our sending half has been reset in answer. */
  void onStopped(QuantumStream stream);

  /** Both halves are done; the stream is forgotten. */
  void onClosed(QuantumStream stream);

  /** The peer granted more streams, so that opening may succeed now. */
  void onStreamsAvailable();
}
