package io.aetherflow.gateway.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** Keys and signed tokens. */
public final class Jwts {
  private Jwts() {}

  public static JWTClaimsSet.Builder claims(String user, Instant expiresAt) {
    return new JWTClaimsSet.Builder()
        .subject(user)
        .audience("aetherflow")
        .issuer("https://issuer.example")
        .expirationTime(Date.from(expiresAt));
  }

  /** An entry of the claim {@code docs}. */
  public static Map<String, Object> grant(String document, String... rights) {
    return Map.of("doc", document, "allow", List.of(rights));
  }

  public static RSAKey rsa(String keyId) {
    try {
      return new RSAKeyGenerator(2048).keyID(keyId).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static ECKey ec(String keyId) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(keyId).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static String sign(JWK key, JWTClaimsSet.Builder claims) {
    return sign(key, key.getKeyID(), claims);
  }

  public static String sign(JWK key, String keyId, JWTClaimsSet.Builder claims) {
    try {
      boolean rsa = key instanceof RSAKey;
      JWSSigner signer = rsa ? new RSASSASigner((RSAKey) key) : new ECDSASigner((ECKey) key);
      JWSAlgorithm algorithm = rsa ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256;
      return sign(signer, new JWSHeader.Builder(algorithm).keyID(keyId).build(), claims);
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static String sign(byte[] secret, String keyId, JWTClaimsSet.Builder claims) {
    try {
      JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(keyId).build();
      return sign(new MACSigner(secret), header, claims);
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static String sign(JWSSigner signer, JWSHeader header, JWTClaimsSet.Builder claims)
      throws JOSEException {
    SignedJWT jwt = new SignedJWT(header, claims.build());
    jwt.sign(signer);
    return jwt.serialize();
  }
}
