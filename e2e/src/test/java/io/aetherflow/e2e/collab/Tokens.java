package io.aetherflow.e2e.collab;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.aetherflow.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;

/** Tokens as an application's own login would mint them, from the cluster's shared secret. */
public final class Tokens {
  private static final Duration VALID = Duration.ofHours(1);

  private final byte[] key;

  private Tokens(byte[] key) {
    this.key = key;
  }

  public static Tokens of(Cluster cluster) {
    return of(cluster, Cluster.NAME);
  }

  /** Of another resource on the same cluster. */
  public static Tokens of(Cluster cluster, String name) {
    Secret secret =
        cluster
            .client()
            .secrets()
            .inNamespace(Cluster.NAMESPACE)
            .withName(name + "-jwt-secret")
            .get();
    if (secret == null) {
      throw new AssertionError("no Secret " + name + "-jwt-secret");
    }
    return new Tokens(Base64.getDecoder().decode(secret.getData().get("secret")));
  }

  public String mint(String user) {
    return sign(claims(user), key);
  }

  /** One that may see the console too. */
  public String mintConsole(String user) {
    return sign(claims(user).claim("console", true), key);
  }

  /** A well-formed token that another party signed. */
  public String forged(String user) {
    byte[] other = key.clone();
    other[0] ^= 1;
    return sign(claims(user), other);
  }

  /** One of an issuer of its own. */
  public static String signed(String user, RSAKey key, String issuer) {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
            claims(user).issuer(issuer).build());
    try {
      jwt.sign(new RSASSASigner(key));
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
    return jwt.serialize();
  }

  private static JWTClaimsSet.Builder claims(String user) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .subject(user)
        .audience("aetherflow")
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(VALID)));
  }

  private static String sign(JWTClaimsSet.Builder claims, byte[] key) {
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
    try {
      jwt.sign(new MACSigner(key));
    } catch (JOSEException e) {
      throw new AssertionError("the cluster's secret is no HS256 key: " + e.getMessage(), e);
    }
    return jwt.serialize();
  }
}
