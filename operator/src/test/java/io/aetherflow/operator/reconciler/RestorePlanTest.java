package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.Admission;
import io.aetherflow.operator.etcd.EtcdCommand;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestorePlanTest {
  private static final EffectiveSpec SPEC =
      EffectiveSpec.of(
          Serialization.unmarshal(
              """
              metadata: {name: twin, namespace: shop}
              spec:
                etcd:
                  restore: {claimName: old, snapshot: etcd-1.db}
              """,
              AetherFlowCluster.class));

  @Test
  void noMemberStartsBeforeTheSnapshotIsInItsVolume() {
    assertThat(plan(Optional.empty(), 0, false))
        .isEqualTo(restoring(0, new MembershipStep.Restore("etcd-1.db")));
    assertThat(plan(Optional.of(pod("Pending")), 0, false).pods()).isZero();
    assertThat(plan(Optional.of(pod("Running")), 0, false).pods()).isZero();
    assertThat(plan(Optional.of(pod("Succeeded")), 0, false).pods()).isOne();
  }

  @Test
  void theFirstMemberForgetsTheOldPodsBeforeAnybodyJoins() {
    assertThat(plan(Optional.empty(), 1, true))
        .isEqualTo(restoring(1, new MembershipStep.Order(new EtcdCommand.ForgetPods())));
    assertThat(plan(Optional.empty(), 1, false).step()).isInstanceOf(MembershipStep.Wait.class);
  }

  @Test
  void aFailureIsToldWithTheToolsWordsAndTheWayOut() {
    Pod failed =
        new PodBuilder(pod("Failed"))
            .editStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewTerminated()
            .withExitCode(1)
            .withMessage("Error: snapshot missing hash")
            .endTerminated()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    MembershipPlan plan = plan(Optional.of(failed), 0, false);
    assertThat(plan.pods()).isZero();
    assertThat(((MembershipStep.RestoreFailed) plan.step()).why())
        .contains("snapshot missing hash", "pod twin-etcd-restore", "claim data-twin-etcd-0");
  }

  private static MembershipPlan plan(Optional<Pod> pod, int members, boolean available) {
    return new RestorePlan(SPEC, pod, available).next(members);
  }

  private static MembershipPlan restoring(int pods, MembershipStep step) {
    return new MembershipPlan(pods, new Admission.Restoring(), step);
  }

  private static Pod pod(String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("twin-etcd-restore")
        .endMetadata()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }
}
