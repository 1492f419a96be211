package io.aetherflow.gateway.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Turns a bearer token into a principal. Thread-safe; no method blocks. */
@FunctionalInterface
public interface TokenVerifier {
  /** Judges by what is known now; see {@link #prepare}. */
  Principal verify(String token) throws AuthException;

  /**
   * Gets what judging the token needs and is not known yet, such as a key published lately. Done,
   * never with a failure, when there is nothing more to wait for.
   */
  default CompletionStage<Void> prepare(String token) {
    return CompletableFuture.completedStage(null);
  }
}
