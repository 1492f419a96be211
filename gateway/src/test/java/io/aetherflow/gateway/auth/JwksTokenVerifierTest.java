package io.aetherflow.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.aetherflow.gateway.testing.Jwts;
import io.aetherflow.gateway.testing.KeyServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from a real HTTP server. */
final class JwksTokenVerifierTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef0123456789a".getBytes(StandardCharsets.UTF_8);
  private static final RSAKey RSA = Jwts.rsa("r1");
  private static final ECKey EC = Jwts.ec("e1");

  @TempDir Path directory;
  private final AtomicLong nowNs = new AtomicLong();
  private KeyServer server;
  private TokenVerifier verifier;

  @BeforeEach
  void start() throws IOException {
    server = new KeyServer(RSA, EC);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    Path file = Files.write(directory.resolve("secret"), SECRET);
    verifier =
        new TokenVerifiers(
            new HmacTokenVerifier(file, "aetherflow", "", clock, nowNs::get),
            new JwksTokenVerifier(
                server.uri(),
                "aetherflow",
                "https://issuer.example",
                task -> Thread.ofVirtual().start(task),
                clock,
                nowNs::get));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void rs256AndEs256AndTheSharedSecretAreTaken() throws Exception {
    assertThat(verify(Jwts.sign(RSA, claims())).user()).isEqualTo("ann");
    assertThat(verify(Jwts.sign(EC, claims())).user()).isEqualTo("ann");
    assertThat(verify(Jwts.sign(SECRET, null, claims())).user()).isEqualTo("ann");
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void forgedTokensAreRefused() throws Exception {
    refused(new PlainJWT(claims().build()).serialize(), "not a signed JWT");
    refused(Jwts.sign(Jwts.rsa("r1"), claims()), "signature");
    refused(Jwts.sign(Jwts.ec("e1"), claims()), "signature");
    refused(Jwts.sign(RSA, "e1", claims()), "signature");
    refused(Jwts.sign(RSA, "", claims()), "kid");
    byte[] publicKey = RSA.toRSAPublicKey().getEncoded();
    refused(Jwts.sign(publicKey, "r1", claims()), "signature");
    String good = Jwts.sign(RSA, claims());
    refused(good.substring(0, good.length() - 8) + "AAAAAAAA", "signature");
  }

  @Test
  void claimsAreCheckedAsWithTheSharedSecret() {
    refused(Jwts.sign(RSA, claims().audience("other")), "aud");
    refused(Jwts.sign(RSA, claims().issuer("https://other.example")), "iss");
    refused(Jwts.sign(RSA, claims().expirationTime(Date.from(NOW.minusSeconds(30)))), "expired");
    refused(Jwts.sign(RSA, claims().expirationTime(null)), "no exp");
  }

  @Test
  void keysForOtherUsesAndWeakOnesAreRefused() throws JOSEException {
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
    server.publish(
        new RSAKey.Builder(RSA).keyUse(KeyUse.ENCRYPTION).build(),
        new ECKey.Builder(EC).algorithm(JWSAlgorithm.ES384).build());
    refused(Jwts.sign(RSA, claims()), "signature");
    refused(Jwts.sign(EC, claims()), "signature");
    nowNs.addAndGet(JwksKeys.FRESH_NS);
    server.publish(weak);
    refused(signWeak(weak), "signature");
  }

  private static String signWeak(RSAKey weak) throws JOSEException {
    var jwt =
        new com.nimbusds.jwt.SignedJWT(
            new com.nimbusds.jose.JWSHeader.Builder(JWSAlgorithm.RS256).keyID("weak").build(),
            claims().build());
    jwt.sign(new com.nimbusds.jose.crypto.RSASSASigner(weak.toPrivateKey(), true));
    return jwt.serialize();
  }

  @Test
  void aNewKeyIsFetchedWhenATokenNamesIt() throws Exception {
    verify(Jwts.sign(RSA, claims()));
    RSAKey next = Jwts.rsa("r2");
    server.publish(RSA, next);
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    assertThat(verify(Jwts.sign(next, claims())).user()).isEqualTo("ann");
    assertThat(verify(Jwts.sign(RSA, claims())).user()).as("both, while rotating").isEqualTo("ann");
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void aWithdrawnKeyIsGoneWithTheNextReading() throws Exception {
    verify(Jwts.sign(RSA, claims()));
    RSAKey next = Jwts.rsa("r2");
    server.publish(next);
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    verify(Jwts.sign(next, claims()));
    refused(Jwts.sign(RSA, claims()), "unknown key");
  }

  @Test
  void inventedKeyIdsDoNotFloodTheIssuer() throws Exception {
    verify(Jwts.sign(RSA, claims()));
    for (int i = 0; i < 200; i++) {
      refused(Jwts.sign(EC, "invented" + i, claims()), "unknown key");
    }
    assertThat(server.requests()).isEqualTo(1);
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    for (int i = 0; i < 200; i++) {
      refused(Jwts.sign(EC, "invented" + i, claims()), "unknown key");
    }
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void anIssuerThatIsAwayIsTrustedForAnHour() throws Exception {
    verify(Jwts.sign(RSA, claims()));
    server.answer(500, "down");
    nowNs.addAndGet(JwksKeys.TRUSTED_NS - 1);
    assertThat(verify(Jwts.sign(RSA, claims())).user()).isEqualTo("ann");
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    refused(Jwts.sign(RSA, claims()), "unknown key");
    server.answer(200, " ".repeat(JwksKeys.DOCUMENT_BYTES_MAX + 1));
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    refused(Jwts.sign(RSA, claims()), "unknown key");
    server.publish(RSA);
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    assertThat(verify(Jwts.sign(RSA, claims())).user()).isEqualTo("ann");
  }

  @Test
  void anIssuerThatStallsInItsAnswerIsAskedAgain() throws Exception {
    server.stall(true);
    refused(Jwts.sign(RSA, claims()), "unknown key");
    server.stall(false);
    nowNs.addAndGet(JwksKeys.REFETCH_NS);
    assertThat(verify(Jwts.sign(RSA, claims())).user()).isEqualTo("ann");
  }

  private Principal verify(String token) throws Exception {
    verifier.prepare(token).toCompletableFuture().get(10, TimeUnit.SECONDS);
    return verifier.verify(token);
  }

  private void refused(String token, String why) {
    assertThatThrownBy(() -> verify(token))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining(why);
  }

  private static JWTClaimsSet.Builder claims() {
    return Jwts.claims("ann", NOW.plusSeconds(60));
  }
}
