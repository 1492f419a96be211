package io.aetherflow.gateway.ws;

/**
 * The socket as its protocol sees it. Messages keep their order. Thread-safe, but for reading,
 * which is paused and resumed on the socket's thread.
 */
interface Outbound {
  void send(String message);

  /** A binary message; the array must not change afterwards. */
  void send(byte[] message);

  /** False while much is queued. */
  boolean writable();

  void close(CloseCode code, String reason);

  /** Stops taking messages from the peer until {@link #resumeReading()}. */
  void pauseReading();

  void resumeReading();

  /** Asks the peer for a sign of life. */
  void ping();

  /** Runs the task on the socket's thread later. */
  Timer after(long delayMillis, Runnable task);

  /** A scheduled task. */
  interface Timer {
    void cancel();
  }
}
