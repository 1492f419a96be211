package io.aetherflow.operator.reconciler;

import static io.aetherflow.operator.reconciler.SeenCluster.REVISION;
import static io.aetherflow.operator.reconciler.SeenCluster.condition;
import static io.aetherflow.operator.reconciler.SeenCluster.deployment;
import static io.aetherflow.operator.reconciler.SeenCluster.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a cluster is Ready or Degraded, and what Events tell of it. */
class StatusModelTest {
  private final SeenCluster seen = new SeenCluster();

  @Test
  void allWellIsReady() {
    AetherFlowClusterStatus status = seen.status();

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
    seen.cluster.setStatus(seen.status());
    seen.now = seen.now.plusSeconds(60);

    assertThat(seen.status()).isEqualTo(seen.cluster.getStatus());
  }

  @Test
  void aBadImageNamesImageAndPodWhileOldPodsServe() {
    seen.deployments.put(Names.GATEWAY, deployment(4, 1, 3));
    Pod bad = seen.addPod(Names.GATEWAY, "api-gateway-new");
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

    AetherFlowClusterStatus status = seen.status();

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
    seen.deployments.put(Names.GATEWAY, stuck);

    assertThat(condition(seen.status(), "Degraded"))
        .returns("True", Condition::getStatus)
        .satisfies(c -> assertThat(c.getMessage()).contains(Names.GATEWAY, "exceeded quota"));
  }

  @Test
  void aFailedReconciliationKeepsTheRestAndEndsReady() {
    seen.cluster.setStatus(seen.status());

    AetherFlowClusterStatus status =
        StatusModel.failed(seen.cluster, new IllegalStateException("no rights"), seen.now);

    assertThat(condition(status, "Ready").getReason()).isEqualTo("ReconcileError");
    assertThat(condition(status, "Degraded").getMessage()).contains("no rights");
    assertThat(condition(status, "EtcdAvailable").getStatus()).isEqualTo("True");
  }

  @Test
  void eventsTellOfTransitionsOnly() {
    AetherFlowClusterStatus well = seen.status();
    seen.cluster.setStatus(well);
    seen.members = List.of(member(0, true), member(1, false), member(2, true));
    AetherFlowClusterStatus hurt = seen.status();

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
    AetherFlowClusterStatus well = seen.status();
    seen.gatewayTls =
        new HeldGatewayTls(
            Verdict.no("GatewaySecretMissing", "Secret web is missing"),
            false,
            Optional.empty(),
            Optional.empty());

    AetherFlowClusterStatus without = seen.status();

    assertThat(condition(without, "Ready").getStatus()).isEqualTo("True");
    assertThat(condition(without, HeldGatewayTls.CONDITION).getStatus()).isEqualTo("False");
    assertThat(Transitions.between(Optional.of(well), without))
        .singleElement()
        .matches(note -> note.warning() && note.reason().equals("GatewaySecretMissing"));
  }
}
