package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.certificates.CertificateRequest;
import io.aetherflow.operator.certificates.Credential;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Issuer;
import io.aetherflow.operator.certificates.Pem;
import io.aetherflow.operator.certificates.Renewal;
import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.model.EffectiveSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** What becomes of the Secret that spec.gateway.tls names. */
class GatewayCertificateTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LIFETIME = Duration.ofDays(30);
  private static final String WITH_TLS = "{gateway: {tls: {secretName: web}}}";

  private final EtcdPki pki =
      Renewal.of(
          EtcdPki.NONE,
          new CertificateRequest(
              "default/demo",
              List.of("demo.example.com"),
              LIFETIME,
              LIFETIME.multipliedBy(2),
              "",
              ""),
          true,
          NOW,
          new Issuer(new SecureRandom()));
  private final Credential server = pki.leaves().get(Role.SERVER);
  private final Credential other = pki.leaves().get(Role.PEER);

  @Test
  void nothingIsWantedWhereNothingIsNamed() throws IOException {
    assertThat(
            HeldGatewayTls.of(
                spec("{}"),
                name -> Optional.of(secret(server.certificatePem(), server.keyPem())),
                false,
                NOW))
        .isEqualTo(HeldGatewayTls.NONE);
  }

  @Test
  void aUsableSecretIsOfferedAndLookedAtAgain() throws IOException {
    HeldGatewayTls held = held(secret(server.certificatePem(), server.keyPem()), false, NOW);
    assertThat(held.offered()).isTrue();
    assertThat(held.verdict())
        .returns(true, Verdict::isTrue)
        .satisfies(each -> assertThat(each.message()).contains("2026-01-31T00:00:00Z"));
    assertThat(held.end()).hasValue(NOW.plus(LIFETIME));
    assertThat(held.lookAgainAt()).hasValue(NOW.plusSeconds(60));
  }

  @Test
  void aMissingSecretIsNotOfferedAndSaysWhatItMustHold() throws IOException {
    HeldGatewayTls held = held(null, false, NOW);
    assertThat(held.offered()).isFalse();
    assertThat(held.verdict())
        .returns(false, Verdict::isTrue)
        .returns("GatewaySecretMissing", Verdict::reason)
        .returns(
            "Secret web is missing; it must hold tls.crt and tls.key; until then port 443 is"
                + " not offered",
            Verdict::message);
  }

  @Test
  void whatCannotBeServedSaysWhy() throws IOException {
    assertThat(invalid(secret(server.certificatePem(), other.keyPem())))
        .contains("the key is not the certificate's");
    assertThat(invalid(secret("nonsense", server.keyPem()))).contains("not a PEM certificate");
    assertThat(invalid(secret(server.certificatePem(), "nonsense"))).contains("no PEM private key");
    Secret half = secret(server.certificatePem(), server.keyPem());
    half.getData().remove("tls.key");
    assertThat(invalid(half)).contains("it lacks tls.key");
  }

  /** As openssl's older commands write them. */
  @Test
  void aKeyOfTheOlderFormIsRead() throws IOException {
    BigInteger number =
        ((java.security.interfaces.ECPrivateKey) Pem.privateKey(server.keyPem())).getS();
    byte[] sec1 = new ECPrivateKey(256, number, SECObjectIdentifiers.secp256r1).getEncoded();
    String key =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
            + "-----BEGIN EC PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(sec1)
            + "\n-----END EC PRIVATE KEY-----\n";
    assertThat(held(secret(server.certificatePem(), key), false, NOW).offered()).isTrue();
  }

  @Test
  void aKeyOfAnEdwardsCurveIsTaken() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    X500Name name = new X500Name("CN=demo.example.com");
    byte[] certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(NOW),
                Date.from(NOW.plus(LIFETIME)),
                name,
                pair.getPublic())
            .build(new JcaContentSignerBuilder("Ed25519").build(pair.getPrivate()))
            .getEncoded();
    Secret secret =
        secret(pem("CERTIFICATE", certificate), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    assertThat(held(secret, false, NOW).verdict()).returns(true, Verdict::isTrue);
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(der), kind);
  }

  @Test
  void anOfferedPortStaysWhenTheSecretGoes() throws IOException {
    HeldGatewayTls held = held(null, true, NOW);
    assertThat(held.offered()).isTrue();
    assertThat(held.verdict().message()).contains("serve on");
  }

  @Test
  void anEndedCertificateIsTold() throws IOException {
    HeldGatewayTls held =
        held(secret(server.certificatePem(), server.keyPem()), true, NOW.plus(LIFETIME));
    assertThat(held.verdict()).returns("GatewayCertificateExpired", Verdict::reason);
    assertThat(held.offered()).isTrue();
  }

  @Test
  void aCertificateThatIsNotValidYetIsToldAndNotOffered() throws IOException {
    Instant begin = Pem.certificates(server.certificatePem()).getFirst().getNotBefore().toInstant();
    Secret secret = secret(server.certificatePem(), server.keyPem());

    HeldGatewayTls early = held(secret, false, begin.minusSeconds(20));
    assertThat(early.offered()).isFalse();
    assertThat(early.verdict())
        .returns("GatewayCertificateNotYetValid", Verdict::reason)
        .satisfies(each -> assertThat(each.message()).contains("only from " + begin));
    assertThat(early.lookAgainAt()).as("looked at when it begins").hasValue(begin);
    assertThat(held(secret, true, begin.minusSeconds(20)).offered()).isTrue();
    assertThat(held(secret, false, begin).verdict()).returns(true, Verdict::isTrue);
  }

  @Test
  void thePortComesWithTheSecretAndTheConditionTells() throws IOException {
    try (TestOperator operator = new TestOperator()) {
      operator.client.resource(cluster(WITH_TLS)).create();
      await()
          .until(() ->
              operator
                  .condition(HeldGatewayTls.CONDITION)
                  .filter(c -> c.getReason().equals("GatewaySecretMissing"))
                  .isPresent());
      assertThat(ports(operator)).containsExactly(80, 8080);

      operator.client.resource(secret(server.certificatePem(), server.keyPem())).create();

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(ports(operator)).containsExactly(80, 443, 8080));
    }
  }

  private static List<Integer> ports(TestOperator operator) {
    Service service =
        operator.client.services().inNamespace("default").withName("demo-api-gateway-svc").get();
    return service.getSpec().getPorts().stream().map(ServicePort::getPort).toList();
  }

  private static String invalid(Secret secret) throws IOException {
    HeldGatewayTls held = held(secret, false, NOW);
    assertThat(held.offered()).isFalse();
    assertThat(held.verdict().reason()).isEqualTo("GatewaySecretInvalid");
    return held.verdict().message();
  }

  private static HeldGatewayTls held(Secret secret, boolean offeredBefore, Instant now)
      throws IOException {
    return HeldGatewayTls.of(
        spec(WITH_TLS),
        name -> name.equals("web") ? Optional.ofNullable(secret) : Optional.empty(),
        offeredBefore,
        now);
  }

  private static EffectiveSpec spec(String spec) throws IOException {
    return EffectiveSpec.of(cluster(spec));
  }

  private static AetherFlowCluster cluster(String spec) throws IOException {
    return new YAMLMapper()
        .readValue(
            "{metadata: {name: demo, namespace: default, uid: cluster-uid, generation: 1}, spec: "
                + spec
                + "}",
            AetherFlowCluster.class);
  }

  private static Secret secret(String certificate, String key) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("default")
        .endMetadata()
        .withType("kubernetes.io/tls")
        .addToData("tls.crt", encoded(certificate))
        .addToData("tls.key", encoded(key))
        .build();
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
