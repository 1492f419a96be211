package io.aetherflow.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * RS256 and ES256 by the keys of a JWKS address. The token must name its key ({@code kid}); the
 * key, not the token, decides which algorithm it may be used with.
 */
public final class JwksTokenVerifier implements TokenVerifier {
  /** Shorter RSA keys are within reach of attackers (NIST SP 800-131A). */
  private static final int RSA_BITS_MIN = 2048;

  private final JwksKeys keys;
  private final Claims claims;

  /**
   * @param issuer the token's iss must be it; empty accepts any
   * @param blocking runs calls that may block, each on a thread of its own
   */
  public JwksTokenVerifier(
      URI jwks,
      String audience,
      String issuer,
      Executor blocking,
      Clock clock,
      LongSupplier nowNs) {
    this.keys = new JwksKeys(jwks, blocking, nowNs);
    this.claims = new Claims(clock, audience, issuer);
  }

  @Override
  public CompletionStage<Void> prepare(String token) {
    try {
      return keys.prepare(keyId(parse(token)));
    } catch (AuthException e) {
      return CompletableFuture.completedStage(null);
    }
  }

  @Override
  public Principal verify(String token) throws AuthException {
    SignedJWT jwt = parse(token);
    String keyId = keyId(jwt);
    List<JWK> found =
        keys.trusted().stream().filter(each -> keyId.equals(each.getKeyID())).toList();
    if (found.isEmpty()) {
      throw new AuthException("token is signed with an unknown key");
    }
    try {
      for (JWK key : found) {
        if (fits(key, jwt.getHeader().getAlgorithm()) && jwt.verify(verifier(key))) {
          return claims.principal(jwt.getJWTClaimsSet());
        }
      }
    } catch (JOSEException e) {
      throw new AuthException("token cannot be verified: " + e.getMessage());
    } catch (ParseException e) {
      throw new AuthException("token is not a signed JWT");
    }
    throw new AuthException("token signature does not match");
  }

  static boolean takes(JWSAlgorithm algorithm) {
    return JWSAlgorithm.RS256.equals(algorithm) || JWSAlgorithm.ES256.equals(algorithm);
  }

  private static SignedJWT parse(String token) throws AuthException {
    if (token.length() > HmacTokenVerifier.TOKEN_CHARS_MAX) {
      throw new AuthException(
          "token is longer than " + HmacTokenVerifier.TOKEN_CHARS_MAX + " characters");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!takes(jwt.getHeader().getAlgorithm())) {
        throw new AuthException("token must be signed with RS256 or ES256");
      }
      return jwt;
    } catch (ParseException e) {
      throw new AuthException("token is not a signed JWT");
    }
  }

  private static String keyId(SignedJWT jwt) throws AuthException {
    String keyId = jwt.getHeader().getKeyID();
    if (keyId == null || keyId.isEmpty()) {
      throw new AuthException("token names no key (kid)");
    }
    return keyId;
  }

  private static boolean fits(JWK key, JWSAlgorithm algorithm) {
    boolean forSignatures = key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse());
    boolean forAlgorithm = key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm);
    boolean type =
        switch (key) {
          case RSAKey rsa -> JWSAlgorithm.RS256.equals(algorithm) && rsa.size() >= RSA_BITS_MIN;
          case ECKey ec ->
              JWSAlgorithm.ES256.equals(algorithm) && Curve.P_256.equals(ec.getCurve());
          default -> false;
        };
    return forSignatures && forAlgorithm && type;
  }

  private static JWSVerifier verifier(JWK key) throws JOSEException {
    return key instanceof RSAKey rsa
        ? new RSASSAVerifier(rsa.toPublicJWK())
        : new ECDSAVerifier(((ECKey) key).toPublicJWK());
  }
}
