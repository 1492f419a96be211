package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.EtcdRestoreSpec;
import io.aetherflow.operator.etcd.Admission;
import io.aetherflow.operator.etcd.EtcdCommand;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/**
 * How a new cluster gets from a snapshot to its first member. Pure. The member begins alone, so
 * that the others copy the whole store from it as any learner does.
 *
 * @param pod the one that fills the member's volume
 * @param available whether that member reads and writes
 */
record RestorePlan(EffectiveSpec spec, Optional<Pod> pod, boolean available) {

  /** The snapshot that the resource names, with members of our own. */
  static Optional<EtcdRestoreSpec> wanted(EffectiveSpec spec) {
    return spec.etcd() instanceof EffectiveSpec.EtcdPlan.Members members
        ? Optional.ofNullable(members.spec().restore())
        : Optional.empty();
  }

  /**
   * @param members pods that etcd has
   */
  MembershipPlan next(int members) {
    String snapshot = wanted(spec).map(EtcdRestoreSpec::snapshot).orElse("a snapshot");
    if (members > 0 || phase().equals("Succeeded")) {
      return plan(
          1,
          available
              ? new MembershipStep.Order(new EtcdCommand.ForgetPods())
              : new MembershipStep.Wait("the first member starts with " + snapshot));
    }
    return plan(
        0,
        switch (phase()) {
          case "" -> new MembershipStep.Restore(snapshot);
          case "Failed" -> new MembershipStep.RestoreFailed(failure(snapshot));
          default -> new MembershipStep.Wait(snapshot + " is restored");
        });
  }

  private static MembershipPlan plan(int pods, MembershipStep step) {
    return new MembershipPlan(pods, new Admission.Restoring(), step);
  }

  private String phase() {
    return pod.map(Pod::getStatus)
        .map(status -> status.getPhase() == null ? "Pending" : status.getPhase())
        .orElse(pod.isPresent() ? "Pending" : "");
  }

  private String failure(String snapshot) {
    String name = spec.names().etcdRestore();
    String words =
        pod.orElseThrow().getStatus().getContainerStatuses().stream()
            .map(container -> container.getState().getTerminated())
            .filter(end -> end != null && end.getMessage() != null)
            .map(ContainerStateTerminated::getMessage)
            .map(String::strip)
            .findFirst()
            .orElse("its log says why");
    return snapshot
        + " could not be restored: "
        + words
        + ". Correct spec.etcd.restore if need be, then delete pod "
        + name
        + " and claim "
        + spec.names().etcdClaim(spec.names().etcdMember(0))
        + " to try again";
  }
}
