package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.model.CertificateSecrets;
import io.aetherflow.operator.model.EffectiveSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The operator's part with the Secrets in a map and a clock that the test turns. */
class CertificateKeeperTest {
  private final Map<String, Secret> secrets = new TreeMap<>();
  private final TurnedClock clock = new TurnedClock();
  private final AetherFlowCluster cluster = new AetherFlowCluster();
  private CertificateKeeper keeper = new CertificateKeeper(clock, new SecureRandom());
  private String tls = "{mode: Mutual, certificateHours: 24, authorityHours: 720}";
  private List<String> ignorant = List.of();
  private boolean paused;

  CertificateKeeperTest() {
    cluster.setMetadata(new ObjectMetaBuilder().withName("demo").withNamespace("default").build());
  }

  @Test
  void threeRenewalsPassAndTheStatusFollows() {
    HeldCertificates held = reconcile();
    Set<Instant> ends = new HashSet<>();
    for (int renewal = 0; renewal < 3; renewal++) {
      assertThat(held.verdict())
          .returns("Issued", Verdict::reason)
          .matches(Verdict::isTrue)
          .matches(verdict -> verdict.message().contains("valid until"));
      assertThat(ends.add(held.leavesEnd().orElseThrow())).isTrue();
      Instant due = held.lookAgainAt().orElseThrow();
      clock.now = due.minusSeconds(1);
      assertThat(reconcile()).isEqualTo(held);

      clock.now = due;
      HeldCertificates renewed = reconcile();
      assertThat(renewed.leavesEnd().orElseThrow()).isAfter(held.leavesEnd().orElseThrow());
      assertThat(renewed.identity()).isNotEqualTo(held.identity());
      assertThat(renewed.certificates().trustId()).isEqualTo(held.certificates().trustId());
      held = renewed;
    }
  }

  @Test
  void threeAuthoritiesPass() {
    Set<Instant> ends = new HashSet<>();
    HeldCertificates held = reconcile();
    for (int change = 0; change < 3; change++) {
      assertThat(ends.add(held.authorityEnd().orElseThrow())).isTrue();
      ignorant = List.of("demo-api-gateway-1");
      while (!held.verdict().reason().equals("AuthorityChanging")) {
        clock.now = held.lookAgainAt().orElseThrow();
        held = reconcile();
        assertThat(held.verdict().isTrue()).isTrue();
      }
      held = reconcile();
      assertThat(held.verdict().message()).endsWith("waiting for demo-api-gateway-1");
      clock.now = clock.now.plus(Duration.ofHours(1));
      assertThat(reconcile().verdict().message())
          .as("however long it takes")
          .endsWith("waiting for demo-api-gateway-1");
      ignorant = List.of();
      held = reconcile();
      assertThat(held.verdict().reason()).isEqualTo("Issued");
    }
  }

  @Test
  void deletedSecretsComeBackAsTheyWere() {
    reconcile();
    Map<String, Secret> before = new TreeMap<>(secrets);
    for (String name : before.keySet()) {
      secrets.remove(name);
      reconcile();
      assertThat(secrets).isEqualTo(before);
    }
    secrets.clear();
    reconcile();
    assertThat(secrets).isEqualTo(before);
  }

  @Test
  void afterARestartDeletedLeavesAreMadeByTheSameAuthority() {
    HeldCertificates before = reconcile();
    secrets.remove("demo-etcd-certs");
    keeper = new CertificateKeeper(clock, new SecureRandom());

    HeldCertificates after = reconcile();
    assertThat(after.certificates().trustId()).isEqualTo(before.certificates().trustId());
    assertThat(after.identity()).isNotEqualTo(before.identity()).isPresent();
  }

  @Test
  void aPausedClusterGetsNothingNew() {
    HeldCertificates before = reconcile();
    paused = true;
    clock.now = before.leavesEnd().orElseThrow();
    HeldCertificates expired = reconcile();
    assertThat(expired.identity()).isEqualTo(before.identity());
    assertThat(expired.verdict()).returns("Expired", Verdict::reason).matches(v -> !v.isTrue());
  }

  @Test
  void aGivenSecretIsJudged() {
    EtcdPki made = reconcile().certificates().own().orElseThrow();
    Secret mine =
        new SecretBuilder(secrets.get("demo-etcd-certs"))
            .editMetadata()
            .withName("mine")
            .endMetadata()
            .build();
    tls = "{mode: Mutual, secretName: mine}";
    assertThat(reconcile().verdict().reason()).isEqualTo("SecretMissing");

    secrets.put("mine", mine);
    HeldCertificates given = reconcile();
    assertThat(given.verdict()).returns("Given", Verdict::reason).matches(Verdict::isTrue);
    assertThat(given.leavesEnd()).isEqualTo(made.leavesEnd());
    assertThat(given.certificates().own()).isEmpty();
    assertThat(given.lookAgainAt()).contains(clock.now.plus(GivenCertificates.LOOK_EVERY));

    clock.now = Instant.EPOCH;
    assertThat(reconcile().verdict())
        .returns("NotYetValid", Verdict::reason)
        .matches(each -> !each.isTrue());
    clock.now = made.leavesEnd().orElseThrow();
    assertThat(reconcile().verdict().reason()).isEqualTo("Expired");
    mine.getData().remove("peer.key");
    assertThat(reconcile().verdict().message()).contains("lacks peer.key");
    mine.getData().put("peer.key", "AAAA");
    mine.getData().put("ca.crt", "AAAA");
    assertThat(reconcile().verdict().reason()).isEqualTo("SecretInvalid");
  }

  @Test
  void aSecretThatAPersonMadeIsNotOverwritten() {
    Secret theirs =
        new SecretBuilder()
            .withNewMetadata()
            .withName("demo-etcd-certs")
            .endMetadata()
            .addToData("ca.crt", "AAAA")
            .build();
    secrets.put("demo-etcd-certs", theirs);

    assertThat(reconcile().verdict())
        .returns("SecretNotOurs", Verdict::reason)
        .matches(verdict -> verdict.message().contains("demo-etcd-certs"));
    assertThat(secrets).containsExactly(Map.entry("demo-etcd-certs", theirs));

    secrets.clear();
    assertThat(reconcile().verdict().reason()).isEqualTo("Issued");
  }

  @Test
  void withoutTlsThereIsNothingToKeep() {
    tls = "{mode: Disabled}";
    HeldCertificates none = reconcile();
    assertThat(none.verdict()).returns("NotRequired", Verdict::reason);
    assertThat(none.lookAgainAt()).isEmpty();
    assertThat(secrets).isEmpty();
  }

  /** One round: decide, then write the Secrets. */
  private HeldCertificates reconcile() {
    cluster.setSpec(TestOperator.spec("{etcd: {tls: " + tls + "}}"));
    EffectiveSpec spec = EffectiveSpec.of(cluster);
    HeldCertificates held =
        keeper.hold(
            cluster,
            spec,
            name -> Optional.ofNullable(secrets.get(name)),
            (trust, madeAt) -> ignorant,
            paused);
    if (!paused) {
      held.certificates()
          .own()
          .ifPresent(pki ->
              CertificateSecrets.of(spec.names(), pki)
                  .forEach(secret -> secrets.put(secret.getMetadata().getName(), secret)));
    }
    return held;
  }

  private static final class TurnedClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
