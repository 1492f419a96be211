package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a status is computed from.
 *
 * @param deployments by component
 * @param etcdSet the members' StatefulSet, absent with an external etcd
 * @param backupSet the StatefulSet of the keeper of snapshots, if there is one
 * @param pods all pods of the cluster
 * @param membership what is being done about etcd's members
 * @param certificates of etcd
 * @param gatewayTls the gateways' certificate
 * @param storage whether the volumes are as the resource asks
 * @param upgrade how far an upgrade is
 * @param unapplied objects that differ from what is desired because the cluster is paused
 */
record Observed(
    AetherFlowCluster cluster,
    EffectiveSpec spec,
    Map<String, Deployment> deployments,
    Optional<StatefulSet> etcdSet,
    Optional<StatefulSet> backupSet,
    List<Pod> pods,
    EtcdFacts etcd,
    MembershipStep membership,
    HeldCertificates certificates,
    HeldGatewayTls gatewayTls,
    Verdict storage,
    UpgradeState upgrade,
    boolean paused,
    int unapplied,
    Instant now) {

  /** The same after the objects were written, or compared. */
  Observed after(ObjectApplier applier, UpgradeState state, Verdict volumes) {
    Map<String, Deployment> written = new HashMap<>();
    Map<String, StatefulSet> sets = new HashMap<>();
    for (HasMetadata object : applier.live()) {
      if (object instanceof Deployment deployment) {
        written.put(deployment.getMetadata().getLabels().get(Labels.COMPONENT), deployment);
      } else if (object instanceof StatefulSet set) {
        sets.put(set.getMetadata().getName(), set);
      }
    }
    return new Observed(
        cluster,
        spec,
        written,
        Optional.ofNullable(sets.get(spec.names().etcd())),
        Optional.ofNullable(sets.get(spec.names().etcdBackup())),
        pods,
        etcd,
        membership,
        certificates,
        gatewayTls,
        volumes,
        state,
        paused,
        applier.differing(),
        now);
  }

  long generation() {
    Long generation = cluster.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  Optional<AetherFlowClusterStatus> previous() {
    return Optional.ofNullable(cluster.getStatus());
  }

  /** The condition of this type as it was written last. */
  Optional<Condition> previousCondition(String type) {
    return previous()
        .map(AetherFlowClusterStatus::conditions)
        .flatMap(all -> all.stream().filter(c -> c.getType().equals(type)).findFirst());
  }
}
