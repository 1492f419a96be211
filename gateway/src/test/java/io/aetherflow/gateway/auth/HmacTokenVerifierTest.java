package io.aetherflow.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HmacTokenVerifierTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef0123456789a";
  private static final String OTHER = "fedcba9876543210fedcba9876543210fedcba98765";
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path directory;
  private long nowNs;
  private Path file;
  private HmacTokenVerifier verifier;

  @BeforeEach
  void start() throws IOException {
    file = Files.writeString(directory.resolve("secret"), SECRET + "\n");
    verifier =
        new HmacTokenVerifier(
            file, "aetherflow", "", Clock.fixed(NOW, ZoneOffset.UTC), () -> nowNs);
  }

  @Test
  void goodTokenNamesItsUser() throws Exception {
    Principal principal = verifier.verify(sign(SECRET, JWSAlgorithm.HS256, claims().build()));
    assertThat(principal).isEqualTo(new Principal("ann", NOW.plusSeconds(60), Grants.ALL, false));
  }

  @Test
  void unsignedTokenIsRefused() {
    refused(new PlainJWT(claims().build()).serialize(), "not a signed JWT");
  }

  @Test
  void otherAlgorithmIsRefusedEvenWithTheRightSecret() throws Exception {
    String longSecret = SECRET + SECRET;
    refused(sign(longSecret, JWSAlgorithm.HS512, claims().build()), "HS256");
  }

  @Test
  void otherSecretIsRefused() throws Exception {
    refused(sign(OTHER, JWSAlgorithm.HS256, claims().build()), "signature");
  }

  @Test
  void expiryIsRequiredAndMayBeThirtySecondsOff() throws Exception {
    refused(sign(claims().expirationTime(null)), "no exp");
    refused(sign(claims().expirationTime(Date.from(NOW.minusSeconds(30)))), "expired");
    assertThat(verifier.verify(sign(claims().expirationTime(Date.from(NOW.minusSeconds(29))))))
        .isNotNull();
  }

  @Test
  void notBeforeIsHonouredWithThirtySecondsOff() throws Exception {
    refused(sign(claims().notBeforeTime(Date.from(NOW.plusSeconds(31)))), "not valid before");
    assertThat(verifier.verify(sign(claims().notBeforeTime(Date.from(NOW.plusSeconds(30))))))
        .isNotNull();
  }

  @Test
  void audienceAndSubjectAreRequired() throws Exception {
    refused(sign(claims().audience("other")), "aud");
    refused(sign(claims().subject(null)), "sub");
    refused(sign(claims().subject("a".repeat(Claims.USER_CHARS_MAX + 1))), "sub");
  }

  @Test
  void hugeTokenIsRefusedUnparsed() {
    refused("a".repeat(HmacTokenVerifier.TOKEN_CHARS_MAX + 1), "longer");
  }

  @Test
  void changedFileIsReadAgain() throws Exception {
    Files.writeString(file, OTHER);
    Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(NOW));
    nowNs += TimeUnit.SECONDS.toNanos(1);
    assertThat(verifier.verify(sign(OTHER, JWSAlgorithm.HS256, claims().build()))).isNotNull();
    refused(sign(SECRET, JWSAlgorithm.HS256, claims().build()), "signature");
  }

  @Test
  void unusableFileKeepsTheLastSecret() throws Exception {
    Files.writeString(file, "short");
    nowNs += TimeUnit.SECONDS.toNanos(1);
    assertThat(verifier.verify(sign(SECRET, JWSAlgorithm.HS256, claims().build()))).isNotNull();
  }

  private void refused(String token, String why) {
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining(why);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("ann")
        .audience("aetherflow")
        .expirationTime(Date.from(NOW.plusSeconds(60)));
  }

  private static String sign(JWTClaimsSet.Builder claims) throws Exception {
    return sign(SECRET, JWSAlgorithm.HS256, claims.build());
  }

  private static String sign(String secret, JWSAlgorithm algorithm, JWTClaimsSet claims)
      throws Exception {
    SignedJWT jwt = new SignedJWT(new JWSHeader(algorithm), claims);
    jwt.sign(new MACSigner(secret));
    return jwt.serialize();
  }
}
