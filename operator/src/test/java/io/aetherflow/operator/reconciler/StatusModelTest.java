package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusModelTest {
  private static final List<String> COMPONENTS =
      List.of(Names.GATEWAY, Names.SESSION, Names.STATESYNC);
  private static final long REVISION = 812;

  private final AetherFlowCluster cluster = new AetherFlowCluster();
  private final List<Pod> pods = new ArrayList<>();
  private final Map<String, Deployment> deployments = new HashMap<>();
  private final Map<String, AppliedTuning> applied = new HashMap<>();
  private Map<String, String> entries = Tuning.DEFAULT.entries();
  private List<MemberHealth> members = List.of(member(0, true), member(1, true), member(2, true));
  private Optional<String> problem = Optional.empty();
  private HeldGatewayTls gatewayTls = HeldGatewayTls.NONE;
  private boolean paused;
  private boolean askedBefore = true;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  StatusModelTest() {
    cluster.setMetadata(
        new ObjectMetaBuilder()
            .withName("demo")
            .withNamespace("default")
            .withGeneration(4L)
            .build());
    for (String component : COMPONENTS) {
      deployments.put(component, deployment(3, 3, 3));
      for (int i = 0; i < 3; i++) {
        addPod(component, component + "-" + i);
      }
    }
  }

  @Test
  void allWellIsReady() {
    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "Ready"))
        .returns("True", Condition::getStatus)
        .returns(4L, Condition::getObservedGeneration);
    assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    assertThat(status.display().tuned()).isEqualTo("9/9");
    assertThat(status.display().etcd()).isEqualTo("3/3");
    assertThat(status.display().fec()).isEqualTo("30%");
    assertThat(status.tuning().revision()).isEqualTo(REVISION);
    assertThat(status.etcd().leader()).isEqualTo("demo-etcd-0");
    assertThat(status.conditions())
        .allSatisfy(c -> assertThat(c.getObservedGeneration()).isEqualTo(4L));
  }

  @Test
  void theSameObservationGivesTheSameStatus() {
    cluster.setStatus(status());
    now = now.plusSeconds(60);

    assertThat(status()).isEqualTo(cluster.getStatus());
  }

  @Test
  void readyEndsWithTheNextGenerationUntilItsTuningIsPublished() {
    cluster.setStatus(status());
    cluster.getMetadata().setGeneration(5L);
    Map<String, String> old = new HashMap<>(entries);
    old.put(EtcdKeys.CONFIG_QUANTUM + "fec-ratio", "0.5");
    entries = old;
    now = now.plusSeconds(1);

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "Ready"))
        .returns("False", Condition::getStatus)
        .returns("Progressing", Condition::getReason)
        .returns(5L, Condition::getObservedGeneration)
        .returns("2026-01-01T00:00:01Z", Condition::getLastTransitionTime);
    assertThat(condition(status, "TuningApplied").getReason()).isEqualTo("Publishing");
    assertThat(status.display().fec()).as("what runs, not what is wanted").isEqualTo("50%");
  }

  @Test
  void aPodThatLagsIsNamed() {
    confirm("session-service-1", REVISION - 1, "session-service-1-uid", Map.of());

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "TuningApplied"))
        .returns("False", Condition::getStatus)
        .returns("WaitingForPods", Condition::getReason);
    assertThat(status.tuning().pending()).containsExactly("session-service-1");
    assertThat(status.display().tuned()).isEqualTo("8/9");
  }

  @Test
  void theConfirmationOfADeadPodOfTheSameNameDoesNotCount() {
    confirm("session-service-1", REVISION, "another-uid", Map.of());

    assertThat(status().tuning().pending()).containsExactly("session-service-1");
  }

  @Test
  void aPodThatIsGoingDoesNotCount() {
    applied.remove("session-service-1");
    pods.stream()
        .filter(pod -> pod.getMetadata().getName().equals("session-service-1"))
        .forEach(pod -> pod.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));

    assertThat(status().display().tuned()).isEqualTo("8/8");
  }

  @Test
  void noLivePodConfirmsNothing() {
    pods.clear();

    assertThat(condition(status(), "TuningApplied").getReason()).isEqualTo("NoLivePods");
  }

  @Test
  void aRefusedValueDegrades() {
    confirm("api-gateway-0", REVISION - 1, "api-gateway-0-uid", Map.of("fec-ratio", "too much"));

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "Degraded"))
        .returns("TuningRejected", Condition::getReason)
        .returns("refused by api-gateway-0 fec-ratio: too much", Condition::getMessage);
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
  }

  @Test
  void aBadImageNamesImageAndPodWhileOldPodsServe() {
    deployments.put(Names.GATEWAY, deployment(4, 1, 3));
    Pod bad = addPod(Names.GATEWAY, "api-gateway-new");
    bad.getStatus().setConditions(List.of());
    bad.getStatus()
        .setContainerStatuses(
            new PodBuilder()
                .withNewStatus()
                .addNewContainerStatus()
                .withImage("aetherflow/gateway:nope")
                .withNewState()
                .withNewWaiting("not found", "ImagePullBackOff")
                .endState()
                .endContainerStatus()
                .endStatus()
                .build()
                .getStatus()
                .getContainerStatuses());

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "Degraded"))
        .returns("True", Condition::getStatus)
        .returns("ErrImagePull", Condition::getReason);
    assertThat(condition(status, "Degraded").getMessage())
        .contains("api-gateway-new", "aetherflow/gateway:nope");
    assertThat(condition(status, "Ready").getReason()).isEqualTo("ErrImagePull");
    assertThat(status.display().gateway()).isEqualTo("3/3");
    assertThat(status.components().getFirst().ready()).isZero();
  }

  @Test
  void aLostMemberDegradesAndIsNamed() {
    cluster.setStatus(status());
    members = List.of(member(0, true), member(1, false), member(2, true));

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "EtcdAvailable"))
        .returns("True", Condition::getStatus)
        .returns("MemberDown", Condition::getReason);
    assertThat(condition(status, "Degraded").getMessage()).contains("demo-etcd-1");
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
  }

  @Test
  void aLostQuorumLeavesTheTuningUnknown() {
    cluster.setStatus(status());
    members = List.of(member(0, true), member(1, false), member(2, false));
    problem = Optional.of("etcd did not read /config/ within 3 s");

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "EtcdAvailable").getReason()).isEqualTo("QuorumLost");
    assertThat(condition(status, "TuningApplied").getStatus()).isEqualTo("Unknown");
    assertThat(condition(status, "Ready").getReason()).isEqualTo("QuorumLost");
  }

  @Test
  void anEtcdThatStartsIsNoFailure() {
    members = List.of();
    problem = Optional.of("etcd could not read /config/: connection refused");

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "EtcdAvailable").getReason()).isEqualTo("Starting");
    assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    assertThat(condition(status, "Ready").getReason()).isEqualTo("Progressing");
  }

  /** The first look of an operator that has just started finds nothing out yet. */
  @Test
  void anOperatorThatHasJustStartedClaimsNoLoss() {
    cluster.setStatus(status());
    askedBefore = false;

    AetherFlowClusterStatus status = status();

    assertThat(condition(status, "EtcdAvailable"))
        .returns("Unknown", Condition::getStatus)
        .returns("Connecting", Condition::getReason);
    assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("Unknown");
    cluster.setStatus(status);
    askedBefore = true;
    members = List.of(member(0, true), member(1, false), member(2, true));
    assertThat(condition(status(), "Degraded").getReason()).isEqualTo("MemberDown");
  }

  /** A read of the store may be faster than the first round of questions to the members. */
  @Test
  void membersThatNobodyHasAskedYetAreNotMissing() {
    cluster.setStatus(status());
    members = List.of();

    assertThat(condition(status(), "EtcdAvailable"))
        .returns("Unknown", Condition::getStatus)
        .returns("Connecting", Condition::getReason);
  }

  @Test
  void aRolloutThatCannotGoOnIsDegraded() {
    Deployment stuck = deployment(3, 0, 3);
    stuck
        .getStatus()
        .setConditions(
            List.of(
                new DeploymentConditionBuilder()
                    .withType("ReplicaFailure")
                    .withStatus("True")
                    .withReason("FailedCreate")
                    .withMessage("exceeded quota: pods")
                    .build()));
    deployments.put(Names.GATEWAY, stuck);

    assertThat(condition(status(), "Degraded"))
        .returns("True", Condition::getStatus)
        .satisfies(c -> assertThat(c.getMessage()).contains(Names.GATEWAY, "exceeded quota"));
  }

  @Test
  void aFailedReconciliationKeepsTheRestAndEndsReady() {
    cluster.setStatus(status());

    AetherFlowClusterStatus status =
        StatusModel.failed(cluster, new IllegalStateException("no rights"), now);

    assertThat(condition(status, "Ready").getReason()).isEqualTo("ReconcileError");
    assertThat(condition(status, "Degraded").getMessage()).contains("no rights");
    assertThat(condition(status, "EtcdAvailable").getStatus()).isEqualTo("True");
  }

  @Test
  void eventsTellOfTransitionsOnly() {
    AetherFlowClusterStatus well = status();
    cluster.setStatus(well);
    members = List.of(member(0, true), member(1, false), member(2, true));
    AetherFlowClusterStatus hurt = status();

    assertThat(Transitions.between(Optional.empty(), well))
        .extracting(Transitions.Note::reason)
        .containsExactly("TuningApplied", "Ready");
    assertThat(Transitions.between(Optional.of(well), hurt))
        .singleElement()
        .matches(note -> note.warning() && note.reason().equals("MemberDown"));
    assertThat(Transitions.between(Optional.of(hurt), hurt)).isEmpty();
    assertThat(Transitions.between(Optional.of(hurt), well))
        .extracting(Transitions.Note::reason)
        .containsExactly("Recovered", "Ready");
  }

  @Test
  void aGatewayWithoutItsCertificateIsDegradedButReady() {
    AetherFlowClusterStatus well = status();
    gatewayTls =
        new HeldGatewayTls(
            Verdict.no("GatewaySecretMissing", "Secret web is missing"),
            false,
            Optional.empty(),
            Optional.empty());

    AetherFlowClusterStatus without = status();

    assertThat(condition(without, "Ready").getStatus()).isEqualTo("True");
    assertThat(condition(without, HeldGatewayTls.CONDITION).getStatus()).isEqualTo("False");
    assertThat(Transitions.between(Optional.of(well), without))
        .singleElement()
        .matches(note -> note.warning() && note.reason().equals("GatewaySecretMissing"));
  }

  private AetherFlowClusterStatus status() {
    EtcdFacts facts =
        askedBefore
            ? new EtcdFacts(
                members, Optional.of(new EtcdFacts.Stored(REVISION, entries, applied)), problem)
            : EtcdFacts.UNKNOWN;
    return StatusModel.of(
        new Observed(
            cluster,
            EffectiveSpec.of(cluster),
            deployments,
            Optional.of(etcdSet()),
            Optional.empty(),
            pods,
            facts,
            new MembershipStep.Nothing(),
            HeldCertificates.none("none here"),
            gatewayTls,
            Verdict.yes("AsWanted", "as wanted"),
            new UpgradeState.Complete(),
            paused,
            0,
            now));
  }

  private static Condition condition(AetherFlowClusterStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private Pod addPod(String component, String name) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withUid(name + "-uid")
            .addToLabels(Labels.COMPONENT, component)
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build();
    pods.add(pod);
    confirm(name, REVISION, name + "-uid", Map.of());
    return pod;
  }

  private void confirm(String pod, long revision, String uid, Map<String, String> rejected) {
    applied.put(pod, new AppliedTuning(revision, "2026-01-01T00:00:00Z", rejected, uid, ""));
  }

  private static Deployment deployment(int all, int updated, int ready) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withGeneration(2L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(3)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(2L)
        .withReplicas(all)
        .withUpdatedReplicas(updated)
        .withReadyReplicas(ready)
        .endStatus()
        .build();
  }

  private static StatefulSet etcdSet() {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withGeneration(1L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(3)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(1L)
        .withReplicas(3)
        .withReadyReplicas(3)
        .withUpdatedReplicas(3)
        .endStatus()
        .build();
  }

  private static MemberHealth member(int ordinal, boolean healthy) {
    return new MemberHealth(
        "demo-etcd-" + ordinal,
        "a" + ordinal,
        healthy,
        healthy && ordinal == 0,
        healthy ? "" : "is not reachable");
  }
}
