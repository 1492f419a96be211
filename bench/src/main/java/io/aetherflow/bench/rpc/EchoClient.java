package io.aetherflow.bench.rpc;

/** Calls that bring back what they sent. Thread-safe. */
interface EchoClient extends AutoCloseable {
  /** A call that takes longer has failed; far above anything a working transport needs. */
  int DEADLINE_SECONDS = 10;

  /** Starts a call. */
  void call(byte[] request, Completion completion);

  @Override
  void close() throws Exception;

  /** Told once per call, on any thread. */
  interface Completion {
    /**
     * @param failure null if the whole answer came
     */
    void done(String failure);
  }
}
