package io.aetherflow.gateway.auth;

/** The token is not acceptable; the message says why and is safe to show its bearer. */
public final class AuthException extends Exception {
  public AuthException(String message) {
    super(message);
  }
}
