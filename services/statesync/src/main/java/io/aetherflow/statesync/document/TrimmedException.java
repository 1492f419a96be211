package io.aetherflow.statesync.document;

import java.util.concurrent.CompletionException;

/** What was to be read has been trimmed meanwhile. */
public final class TrimmedException extends RuntimeException {
  /**
   * @param firstSeq the first operation that can be read
   */
  TrimmedException(long firstSeq) {
    super("the history begins at " + firstSeq, null, false, false);
  }

  /** Whether that is why a future failed. */
  public static boolean in(Throwable failure) {
    return failure instanceof TrimmedException
        || failure instanceof CompletionException && in(failure.getCause());
  }
}
