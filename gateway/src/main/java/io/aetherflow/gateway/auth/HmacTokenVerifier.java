package io.aetherflow.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.util.function.LongSupplier;

/** HS256 by the shared secret of {@code JWT_SECRET_FILE}; no other algorithm is accepted. */
public final class HmacTokenVerifier implements TokenVerifier {

  /** Caps the work an unauthenticated peer can ask of the parser. */
  static final int TOKEN_CHARS_MAX = 8192;

  private final SecretFile secret;
  private final Claims claims;

  /**
   * @throws IOException when the file cannot be read or holds less than 32 bytes
   */
  public HmacTokenVerifier(
      Path secretFile, String audience, String issuer, Clock clock, LongSupplier nowNs)
      throws IOException {
    this.secret = new SecretFile(secretFile, nowNs);
    this.claims = new Claims(clock, audience, issuer);
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
      return claims.principal(jwt.getJWTClaimsSet());
    } catch (ParseException e) {
      throw new AuthException("token is not a signed JWT");
    } catch (JOSEException e) {
      throw new AuthException("token cannot be verified: " + e.getMessage());
    }
  }
}
