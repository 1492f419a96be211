package io.aetherflow.operator.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Certificates are parsed back and checked by the JDK's own path validation. */
class RenewalTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LEAF = Duration.ofDays(90);
  private static final Duration AUTHORITY = Duration.ofDays(3650);
  private static final List<String> HOSTS = List.of("demo-etcd-0.demo-etcd-headless.a.svc");

  private final Issuer issuer = new Issuer(new SecureRandom());
  private CertificateRequest request =
      new CertificateRequest("a/demo", HOSTS, LEAF, AUTHORITY, "", "");

  @Test
  void theJdkAcceptsWhatIsIssued() throws GeneralSecurityException {
    EtcdPki pki = due(EtcdPki.NONE, false, START);

    assertThat(pki.isComplete()).isTrue();
    assertValid(pki, pki, START);
    X509Certificate server = pki.leaves().get(Role.SERVER).certificate();
    assertThat(server.getSubjectX500Principal().getName()).contains("CN=etcd-server", "a/demo");
    assertThat(server.getSubjectAlternativeNames().stream().map(each -> each.get(1).toString()))
        .containsExactlyInAnyOrder(HOSTS.getFirst(), "127.0.0.1");
    assertThat(server.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(pki.leaves().get(Role.CLIENT).certificate().getSubjectAlternativeNames()).isNull();
    assertThat(pki.leaves().get(Role.CLIENT).certificate().getExtendedKeyUsage())
        .containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(pki.authority().orElseThrow().certificate().getBasicConstraints()).isZero();
  }

  @Test
  void nothingIsMadeBeforeItIsDue() {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    Instant justBefore = pki.renewal().orElseThrow().minusSeconds(1);

    assertThat(due(pki, false, justBefore)).isSameAs(pki);
    assertThat(due(pki, false, justBefore.plusSeconds(2))).isNotEqualTo(pki);
  }

  @Test
  void threeRenewalsLeaveNoMomentWithoutAValidCertificate() throws GeneralSecurityException {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    Instant now = START;
    for (int renewals = 0; renewals < 3; renewals++) {
      EtcdPki before = pki;
      now = pki.renewal().orElseThrow();
      assertValid(before, before, now);

      pki = due(before, true, now);

      assertThat(pki.leaves().values()).doesNotContainAnyElementsOf(before.leaves().values());
      assertThat(pki.authority()).isEqualTo(before.authority());
      assertThat(pki.trustId()).as("no member restarts").isEqualTo(before.trustId());
      // One side renewed, the other not yet, either way round.
      assertValid(pki, before, now);
      assertValid(before, pki, now);
      assertThat(Duration.between(now, pki.leavesEnd().orElseThrow())).isEqualTo(LEAF);
    }
  }

  @Test
  void anAuthorityIsTrustedByAllBeforeItSigns() throws GeneralSecurityException {
    EtcdPki first = due(EtcdPki.NONE, false, START);
    Instant later = EtcdPki.renewalOf(first.authority().orElseThrow().certificate());
    EtcdPki current = due(first, false, later.minusSeconds(60));

    EtcdPki announced = due(current, true, later);
    assertThat(announced.next()).isPresent();
    assertThat(announced.trust()).hasSize(2);
    assertThat(announced.trustId()).as("members restart").isNotEqualTo(current.trustId());
    assertThat(announced.leaves()).isEqualTo(current.leaves());
    assertThat(due(announced, false, later)).as("waits for the members").isSameAs(announced);

    EtcdPki changed = due(announced, true, later);
    assertThat(changed.authority()).isEqualTo(announced.next());
    assertThat(changed.next()).isEmpty();
    assertThat(changed.trustId()).as("no second restart").isEqualTo(announced.trustId());
    assertValid(changed, announced, later);
    assertValid(announced, changed, later);
    assertThatThrownBy(() -> assertValid(changed, current, later))
        .as("a member that had not restarted would not know it")
        .isInstanceOf(CertPathValidatorException.class);

    Instant end = first.authorityEnd().orElseThrow();
    EtcdPki much = due(changed, true, end);
    assertThat(much.trust()).as("the old one is dropped when it has ended").hasSize(1);
    assertThat(much.trustId()).isEqualTo(changed.trustId());
  }

  @Test
  void threeAuthoritiesInARow() throws GeneralSecurityException {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    for (int changes = 0; changes < 3; changes++) {
      Instant now = EtcdPki.renewalOf(pki.authority().orElseThrow().certificate());
      EtcdPki before = due(pki, false, now.minusSeconds(1));
      EtcdPki announced = due(before, false, now);
      assertValid(before, announced, now);
      assertValid(announced, before, now);
      pki = due(announced, true, now);
      assertValid(announced, pki, now);
      assertValid(pki, announced, now);
    }
  }

  @Test
  void aWishIsMetOnce() {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    request = new CertificateRequest("a/demo", HOSTS, LEAF, AUTHORITY, "leaked", "");

    EtcdPki renewed = due(pki, false, START);
    assertThat(renewed.leaves().values()).doesNotContainAnyElementsOf(pki.leaves().values());
    assertThat(due(renewed, false, START)).isSameAs(renewed);

    request = new CertificateRequest("a/demo", HOSTS, LEAF, AUTHORITY, "leaked", "leaked too");
    EtcdPki announced = due(renewed, false, START);
    assertThat(announced.next()).isPresent();
    assertThat(due(announced, false, START)).isSameAs(announced);
  }

  @Test
  void newNamesMakeNewCertificates() {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    request = new CertificateRequest("a/demo", List.of("other"), LEAF, AUTHORITY, "", "");

    EtcdPki renamed = due(pki, false, START);
    assertThat(renamed.leaves().get(Role.CLIENT)).isEqualTo(pki.leaves().get(Role.CLIENT));
    assertThat(renamed.leaves().get(Role.PEER)).isNotEqualTo(pki.leaves().get(Role.PEER));
  }

  @Test
  void aLostKeyOfTheAuthorityMeansANewAuthorityWithoutAGap() throws GeneralSecurityException {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    EtcdPki lost =
        new EtcdPki(Optional.empty(), Optional.empty(), pki.trust(), pki.leaves(), "", "");

    EtcdPki announced = due(lost, true, START);
    assertThat(announced.leaves()).isEqualTo(pki.leaves());
    assertThat(announced.trust()).hasSize(2);
    EtcdPki changed = due(announced, true, START);
    assertValid(changed, announced, START);
    assertThat(changed.authority()).isPresent();
  }

  @Test
  void whatHasEndedIsReplacedAtOnce() throws GeneralSecurityException {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    Instant muchLater = START.plus(AUTHORITY).plus(AUTHORITY);

    EtcdPki fresh = due(pki, false, muchLater);
    assertValid(fresh, fresh, muchLater);
    assertThat(fresh.trust()).hasSize(1);
    assertThat(due(fresh, false, muchLater)).isSameAs(fresh);
  }

  @Test
  void manyWishesDoNotFillTheSecret() {
    EtcdPki pki = due(EtcdPki.NONE, false, START);
    for (int wish = 0; wish <= Renewal.TRUST_MAX; wish++) {
      request = new CertificateRequest("a/demo", HOSTS, LEAF, AUTHORITY, "", "wish-" + wish);
      pki = due(due(pki, true, START), true, START);
    }
    assertThat(pki.trust()).hasSize(Renewal.TRUST_MAX);
    assertThat(pki.trust().getLast()).isEqualTo(pki.authority().orElseThrow().certificatePem());
  }

  private EtcdPki due(EtcdPki seen, boolean everyMemberTrusts, Instant now) {
    return Renewal.of(seen, request, everyMemberTrusts, now, issuer);
  }

  /** Whoever believes {@code verifier}'s authorities accepts all that {@code holder} shows. */
  private static void assertValid(EtcdPki holder, EtcdPki verifier, Instant now)
      throws GeneralSecurityException {
    Set<TrustAnchor> anchors =
        verifier.trust().stream()
            .map(pem -> new TrustAnchor(Pem.certificates(pem).getFirst(), null))
            .collect(Collectors.toSet());
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    for (Map.Entry<Role, Credential> leaf : holder.leaves().entrySet()) {
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509")
                  .generateCertPath(List.of(leaf.getValue().certificate())),
              parameters);
    }
  }
}
