package io.aetherflow.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/** HS256 by the shared secret of {@code JWT_SECRET_FILE}; no other algorithm is accepted. */
public final class HmacTokenVerifier implements TokenVerifier {
  private static final String AUDIENCE = "aetherflow";
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

  /** Caps the work an unauthenticated peer can ask of the parser. */
  static final int TOKEN_CHARS_MAX = 8192;

  /** A user name becomes part of etcd keys and of every operation. */
  static final int USER_CHARS_MAX = 128;

  private final SecretFile secret;
  private final Clock clock;

  /**
   * @throws IOException when the file cannot be read or holds less than 32 bytes
   */
  public HmacTokenVerifier(Path secretFile, Clock clock, LongSupplier nowNs) throws IOException {
    this.secret = new SecretFile(secretFile, nowNs);
    this.clock = clock;
  }

  @Override
  public Principal verify(String token) throws AuthException {
    if (token.length() > TOKEN_CHARS_MAX) {
      throw new AuthException("token is longer than " + TOKEN_CHARS_MAX + " characters");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!JWSAlgorithm.HS256.equals(jwt.getHeader().getAlgorithm())) {
        throw new AuthException("token must be signed with HS256");
      }
      if (!jwt.verify(new MACVerifier(secret.bytes()))) {
        throw new AuthException("token signature does not match");
      }
      return principal(jwt.getJWTClaimsSet());
    } catch (ParseException e) {
      throw new AuthException("token is not a signed JWT");
    } catch (JOSEException e) {
      throw new AuthException("token cannot be verified: " + e.getMessage());
    }
  }

  private Principal principal(JWTClaimsSet claims) throws AuthException {
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
    if (!claims.getAudience().contains(AUDIENCE)) {
      throw new AuthException("token's aud must be \"" + AUDIENCE + "\"");
    }
    String user = claims.getSubject();
    if (user == null || user.isBlank() || user.length() > USER_CHARS_MAX) {
      throw new AuthException(
          "token's sub must name a user in 1 to " + USER_CHARS_MAX + " characters");
    }
    return new Principal(user, expiresAt);
  }
}
