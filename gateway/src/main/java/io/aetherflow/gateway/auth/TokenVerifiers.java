package io.aetherflow.gateway.auth;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.concurrent.CompletionStage;

/**
 * HS256 by the shared secret beside RS256 and ES256 by JWKS. Each algorithm has keys of its own, so
 * a public key is never taken for a secret.
 *
 * @param shared judges all that is not for {@code published}, so it refuses what it does not know
 */
public record TokenVerifiers(HmacTokenVerifier shared, JwksTokenVerifier published)
    implements TokenVerifier {

  @Override
  public Principal verify(String token) throws AuthException {
    return of(token).verify(token);
  }

  @Override
  public CompletionStage<Void> prepare(String token) {
    return of(token).prepare(token);
  }

  private TokenVerifier of(String token) {
    if (token.length() > HmacTokenVerifier.TOKEN_CHARS_MAX) {
      return shared;
    }
    try {
      JWSHeader header = SignedJWT.parse(token).getHeader();
      return JwksTokenVerifier.takes(header.getAlgorithm()) ? published : shared;
    } catch (ParseException e) {
      return shared;
    }
  }
}
