package io.aetherflow.gateway.auth;

/** Turns a bearer token into a principal. Thread-safe; must not block. */
@FunctionalInterface
public interface TokenVerifier {
  Principal verify(String token) throws AuthException;
}
