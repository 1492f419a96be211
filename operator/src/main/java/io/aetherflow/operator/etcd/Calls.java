package io.aetherflow.operator.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for etcd's answers, with a bound. Not for reconcile threads. */
final class Calls {
  /** An election takes about a second; a member that is slower than this does not serve. */
  static final long TIMEOUT_MILLIS = 3_000;

  private Calls() {}

  /**
   * The answer.
   *
   * @param what the call, so that "etcd did not WHAT" is a sentence
   */
  static <T> T await(String what, CompletableFuture<T> call)
      throws EtcdException, InterruptedException {
    return await(what, call, Duration.ofMillis(TIMEOUT_MILLIS));
  }

  /** The same, with a bound for what takes long. */
  static <T> T await(String what, CompletableFuture<T> call, Duration timeout)
      throws EtcdException, InterruptedException {
    try {
      return call.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw new EtcdException("etcd did not " + what + " within " + timeout.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new EtcdException("etcd could not " + what + ": " + rootMessage(e));
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
