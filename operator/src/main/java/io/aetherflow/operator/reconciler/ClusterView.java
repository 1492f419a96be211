package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EtcdShape;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One cluster as it is found, before a reconciliation writes anything, with what is decided about
 * its etcd from that alone.
 *
 * @param paused whether nothing may be written
 * @param objects of its etcd
 * @param members absent with an external etcd
 * @param rollout absent while there is no StatefulSet of members
 */
record ClusterView(
    boolean paused,
    EtcdObjects objects,
    Optional<EtcdMembers> members,
    Optional<EtcdRollout> rollout,
    HeldCertificates certificates,
    HeldGatewayTls gatewayTls) {

  private static final String PAUSED_ANNOTATION = "aetherflow.io/paused";

  static boolean isPaused(AetherFlowCluster cluster) {
    return "true".equals(cluster.getMetadata().getAnnotations().get(PAUSED_ANNOTATION));
  }

  /** The resource with every default resolved. */
  EffectiveSpec spec() {
    return gatewayTls.offered() ? objects.spec().withHttpsOffered() : objects.spec();
  }

  /** Whether all members serve, and nothing is under way that changes them. */
  boolean isEtcdSettled() {
    return rollout.filter(EtcdRollout::isSettled).isPresent();
  }

  Optional<MembershipPlan> plan() {
    return members.map(EtcdMembers::plan);
  }

  MembershipStep step() {
    return plan().map(MembershipPlan::step).orElse(new MembershipStep.Nothing());
  }

  /** How far etcd's members are to be. */
  EtcdShape shape() {
    return members
        .map(each -> each.shape(each.plan()))
        .orElseGet(() -> EtcdShape.fresh(spec().names(), spec().etcdMembers()))
        .with(certificates.certificates());
  }

  /**
   * What a status says if nothing is written.
   *
   * @param facts of etcd, which may be newer than the view
   */
  Observed observed(EtcdFacts facts, Instant now) {
    return new Observed(
        objects.cluster(),
        spec(),
        liveDeployments(objects.context()),
        objects.memberSet(),
        objects.backupSet(),
        objects.context().getSecondaryResourcesAsStream(Pod.class).toList(),
        facts,
        step(),
        certificates,
        gatewayTls,
        Verdict.unknown("NotCompared", "the volumes have not been looked at"),
        new UpgradeState.Complete(),
        paused,
        0,
        now);
  }

  private static Map<String, Deployment> liveDeployments(Context<AetherFlowCluster> context) {
    return context
        .getSecondaryResourcesAsStream(Deployment.class)
        .collect(
            Collectors.toMap(
                each -> each.getMetadata().getLabels().get(Labels.COMPONENT),
                each -> each,
                (one, other) -> one));
  }
}
