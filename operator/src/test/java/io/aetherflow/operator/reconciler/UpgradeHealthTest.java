package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.upgrade.Stage;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the status and the Events tell of an upgrade. */
class UpgradeHealthTest {
  private static final UpgradeState ROLLING =
      new UpgradeState.Rolling(
          Stage.SERVICES, Names.SESSION, "1 of 3 pods are ready", List.of(Names.GATEWAY));

  private final AetherFlowCluster cluster = new AetherFlowCluster();
  private EtcdFacts facts = facts();
  private boolean paused;

  UpgradeHealthTest() {
    cluster.setMetadata(
        new ObjectMetaBuilder()
            .withName("demo")
            .withNamespace("default")
            .withGeneration(1L)
            .build());
    want("0.1.0");
    cluster.setStatus(status(new UpgradeState.Complete()));
  }

  @Test
  void eachStageIsTold() {
    AetherFlowClusterStatus before = cluster.getStatus();
    assertThat(before.version()).isEqualTo("0.1.0");
    assertThat(before.display().version()).isEqualTo("0.1.0");

    want("0.2.0");
    AetherFlowClusterStatus during = status(ROLLING);

    assertThat(condition(during, "Upgraded"))
        .returns("False", Condition::getStatus)
        .returns("UpgradingServices", Condition::getReason)
        .returns("session-service: 1 of 3 pods are ready; then api-gateway", Condition::getMessage);
    assertThat(condition(during, "Ready"))
        .returns("False", Condition::getStatus)
        .returns("UpgradingServices", Condition::getReason);
    assertThat(during.version()).isEqualTo("0.1.0");
    assertThat(during.display().version()).isEqualTo("0.1.0->0.2.0");
    assertThat(Transitions.between(Optional.of(before), during))
        .extracting(Transitions.Note::reason)
        .containsExactly("UpgradingServices");

    cluster.setStatus(during);
    AetherFlowClusterStatus after = status(new UpgradeState.Complete());
    assertThat(after.version()).isEqualTo("0.2.0");
    assertThat(Transitions.between(Optional.of(during), after))
        .extracting(Transitions.Note::reason)
        .containsExactly("Upgraded");
  }

  @Test
  void aRefusalAndAFailedStepAreWarnings() {
    want("0.3.0");
    AetherFlowClusterStatus refused = status(new UpgradeState.Refused("0.1 to 0.3"));
    AetherFlowClusterStatus halted =
        status(new UpgradeState.Halted(Stage.ETCD, Names.ETCD, "no such image", List.of()));

    assertThat(condition(refused, "Ready").getReason()).isEqualTo("VersionRefused");
    assertThat(refused.display().version()).isEqualTo("0.1.0");
    assertThat(condition(halted, "Upgraded").getMessage())
        .isEqualTo("the upgrade stopped at etcd: no such image");
    assertWarns(refused, "VersionRefused");
    assertWarns(halted, "UpgradeHalted");
  }

  private void assertWarns(AetherFlowClusterStatus status, String reason) {
    assertThat(Transitions.between(Optional.of(cluster.getStatus()), status))
        .singleElement()
        .matches(note -> note.warning() && note.reason().equals(reason));
  }

  @Test
  void aPauseIsToldAndForgetsNoUpgrade() {
    want("0.2.0");
    paused = true;
    AetherFlowClusterStatus status = status(ROLLING);

    assertThat(condition(status, "Upgraded").getReason()).isEqualTo("Paused");
    assertThat(condition(status, "Ready"))
        .as("though nothing differs that would be written now")
        .returns("False", Condition::getStatus)
        .returns("Paused", Condition::getReason);
    assertThat(UpgradeHealth.wasUnderway(Optional.of(status))).isTrue();
  }

  @Test
  void aPauseMakesNoRefusedVersionReady() {
    paused = true;
    AetherFlowClusterStatus status = status(new UpgradeState.Refused("two versions at once"));

    assertThat(condition(status, "Ready"))
        .returns("False", Condition::getStatus)
        .returns("VersionRefused", Condition::getReason);
  }

  @Test
  void anOperatorThatHasJustStartedForgetsNoStage() {
    cluster.setStatus(status(ROLLING));
    facts = EtcdFacts.UNKNOWN;

    AetherFlowClusterStatus status =
        status(new UpgradeState.Rolling(Stage.ETCD, Names.ETCD, "unknown", List.of()));

    assertThat(condition(status, "Upgraded").getReason()).isEqualTo("UpgradingServices");
  }

  private void want(String version) {
    cluster.setSpec(
        new AetherFlowClusterSpec(
            null, version, null, null, null, null, null, null, null, null, null, null, null, null,
            null));
  }

  private AetherFlowClusterStatus status(UpgradeState state) {
    return StatusModel.of(
        new Observed(
            cluster,
            EffectiveSpec.of(cluster),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            facts,
            new MembershipStep.Nothing(),
            HeldCertificates.none("none here"),
            HeldGatewayTls.NONE,
            Verdict.yes("AsWanted", "as wanted"),
            state,
            paused,
            0,
            Instant.parse("2026-01-01T00:00:00Z")));
  }

  private static EtcdFacts facts() {
    List<MemberHealth> members =
        IntStream.range(0, 3)
            .mapToObj(i -> new MemberHealth("demo-etcd-" + i, "a" + i, true, i == 0, ""))
            .toList();
    return new EtcdFacts(
        members,
        Optional.of(new EtcdFacts.Stored(1, Tuning.DEFAULT.entries(), Map.of())),
        Optional.empty());
  }

  private static Condition condition(AetherFlowClusterStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }
}
