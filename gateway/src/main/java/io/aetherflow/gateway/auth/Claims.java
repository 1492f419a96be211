package io.aetherflow.gateway.auth;

import com.nimbusds.jwt.JWTClaimsSet;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Checks the claims of a token whose signature holds.
 *
 * @param audience must be among the token's aud
 * @param issuer must be the token's iss; empty accepts any
 */
record Claims(Clock clock, String audience, String issuer) {
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

  /** A user name becomes part of etcd keys and of every operation. */
  static final int USER_CHARS_MAX = 128;

  Principal principal(JWTClaimsSet claims) throws AuthException {
    Instant now = clock.instant();
    if (claims.getExpirationTime() == null) {
      throw new AuthException("token has no exp claim");
    }
    Instant expiresAt = claims.getExpirationTime().toInstant();
    if (!now.isBefore(expiresAt.plus(CLOCK_SKEW))) {
      throw new AuthException("token expired at " + expiresAt);
    }
    if (claims.getNotBeforeTime() != null
        && now.plus(CLOCK_SKEW).isBefore(claims.getNotBeforeTime().toInstant())) {
      throw new AuthException("token is not valid before " + claims.getNotBeforeTime().toInstant());
    }
    if (!claims.getAudience().contains(audience)) {
      throw new AuthException("token's aud must be \"" + audience + "\"");
    }
    if (!issuer.isEmpty() && !issuer.equals(claims.getIssuer())) {
      throw new AuthException("token's iss must be \"" + issuer + "\"");
    }
    String user = claims.getSubject();
    if (user == null || user.isBlank() || user.length() > USER_CHARS_MAX) {
      throw new AuthException(
          "token's sub must name a user in 1 to " + USER_CHARS_MAX + " characters");
    }
    boolean console = Boolean.TRUE.equals(claims.getClaim("console"));
    return new Principal(user, expiresAt, Grants.of(claims.getClaim("docs")), console);
  }
}
