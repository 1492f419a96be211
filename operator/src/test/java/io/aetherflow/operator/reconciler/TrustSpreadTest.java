package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EtcdModel;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom a new authority of etcd, named "new", waits for. */
class TrustSpreadTest {
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant BEFORE = MADE.minusSeconds(3600);

  private final Map<String, AppliedTuning> applied = new HashMap<>();
  private final List<Pod> pods = new ArrayList<>();
  private Pod member = member("new");
  private Instant now = MADE.plusSeconds(10);

  @Test
  void aMemberThatHasNotStartedWithItIsWaitedForHoweverLong() {
    assertThat(waitsFor()).isEmpty();
    member = member("old");
    now = MADE.plus(Duration.ofDays(1));
    assertThat(waitsFor()).containsExactly("etcd's members");
  }

  @Test
  void aPodThatTellsIsWaitedForUntilItHasReadIt() {
    pods.add(pod("gateway-0", "api-gateway", BEFORE, true));
    told("gateway-0", "old");
    assertThat(waitsFor()).containsExactly("gateway-0");

    now = MADE.plus(Duration.ofHours(2));
    assertThat(waitsFor()).as("its kubelet may be cut off").containsExactly("gateway-0");

    told("gateway-0", "new");
    assertThat(waitsFor()).isEmpty();
  }

  @Test
  void aPodThatTellsNothingIsGivenTheTimeOfADelivery() {
    pods.add(pod("thumbs-0", "thumbs", BEFORE, true));
    pods.add(pod("etcd-backup-0", "etcd-backup", BEFORE, true));
    now = MADE.plus(TrustSpread.DELIVERY).minusSeconds(1);
    assertThat(waitsFor()).containsExactly("etcd-backup-0", "thumbs-0");

    now = MADE.plus(TrustSpread.DELIVERY);
    assertThat(waitsFor()).isEmpty();
  }

  @Test
  void aPodThatStartedAfterwardsHasIt() {
    pods.add(pod("thumbs-0", "thumbs", MADE.plusSeconds(1), true));
    assertThat(waitsFor()).isEmpty();
  }

  /** Its key in etcd outlives it by up to 30 s. */
  @Test
  void theWordOfAFormerPodOfThatNameIsNotItsOwn() {
    pods.add(pod("gateway-0", "api-gateway", BEFORE, true));
    applied.put("gateway-0", new AppliedTuning(1, "", Map.of(), "another", "", "new"));
    assertThat(waitsFor()).containsExactly("gateway-0");
  }

  @Test
  void aPodThatDoesNotRunHoldsNothingUpForLong() {
    pods.add(pod("gateway-0", "api-gateway", BEFORE, false));
    told("gateway-0", "old");
    assertThat(waitsFor()).containsExactly("gateway-0");
    now = MADE.plus(TrustSpread.DELIVERY);
    assertThat(waitsFor()).isEmpty();
  }

  @Test
  void monitoringMeetsNoCertificateOfEtcd() {
    pods.add(pod("prometheus-0", "prometheus", BEFORE, true));
    assertThat(waitsFor()).isEmpty();
  }

  private List<String> waitsFor() {
    EtcdFacts facts =
        new EtcdFacts(
            List.of(new MemberHealth("demo-etcd-0", "a", true, true, "")),
            Optional.of(new EtcdFacts.Stored(1, Map.of(), applied)),
            Optional.empty());
    EtcdRollout rollout =
        new EtcdRollout(
            new StatefulSetBuilder().withNewSpec().withReplicas(1).endSpec().build(),
            List.of(member),
            facts,
            new MembershipStep.Nothing(),
            Set.of());
    List<Pod> all = new ArrayList<>(pods);
    all.add(member);
    return new TrustSpread(Optional.of(rollout), all, facts, now).waitsFor("new", MADE);
  }

  private void told(String pod, String trust) {
    applied.put(pod, new AppliedTuning(1, "", Map.of(), "uid-" + pod, "", trust));
  }

  private static Pod member(String trust) {
    return new PodBuilder(pod("demo-etcd-0", "etcd", BEFORE, true))
        .editMetadata()
        .addToAnnotations(EtcdModel.TRUST_ANNOTATION, trust)
        .endMetadata()
        .build();
  }

  private static Pod pod(String name, String component, Instant created, boolean ready) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid("uid-" + name)
        .withCreationTimestamp(created.toString())
        .addToLabels(Labels.COMPONENT, component)
        .endMetadata()
        .withNewStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .endCondition()
        .endStatus()
        .build();
  }
}
