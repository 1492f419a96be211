package io.aetherflow.bench;

/** A benchmark cannot run or be trusted; the message says why and what to do, in one sentence. */
public final class BenchFailure extends RuntimeException {
  public BenchFailure(String sentence) {
    super(sentence);
  }

  public BenchFailure(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
