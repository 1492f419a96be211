package io.aetherflow.quantum.stream;

/** Remembers the frames of the packet that is being built. */
public interface FrameLog {
  /**
   * @param stream the frame's stream, or null
   * @param offset STREAM: where its data begins
   * @param length STREAM: bytes of data
   */
  void record(SentKind kind, QuantumStream stream, long offset, int length);
}
