package io.aetherflow.operator.reconciler;

import io.aetherflow.api.AppliedTuning;
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
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A cluster as the operator sees it, all well until a test changes a field. */
final class SeenCluster {
  private static final List<String> COMPONENTS =
      List.of(Names.GATEWAY, Names.SESSION, Names.STATESYNC);
  static final long REVISION = 812;

  final AetherFlowCluster cluster = new AetherFlowCluster();
  final List<Pod> pods = new ArrayList<>();
  final Map<String, Deployment> deployments = new HashMap<>();
  final Map<String, AppliedTuning> applied = new HashMap<>();
  Map<String, String> entries = Tuning.DEFAULT.entries();
  List<MemberHealth> members = List.of(member(0, true), member(1, true), member(2, true));
  Optional<String> problem = Optional.empty();
  HeldGatewayTls gatewayTls = HeldGatewayTls.NONE;
  boolean askedBefore = true;
  Instant now = Instant.parse("2026-01-01T00:00:00Z");

  SeenCluster() {
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

  AetherFlowClusterStatus status() {
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
            false,
            0,
            now));
  }

  static Condition condition(AetherFlowClusterStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  Pod addPod(String component, String name) {
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

  void confirm(String pod, long revision, String uid, Map<String, String> rejected) {
    applied.put(pod, new AppliedTuning(revision, "2026-01-01T00:00:00Z", rejected, uid, ""));
  }

  static Deployment deployment(int all, int updated, int ready) {
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

  static MemberHealth member(int ordinal, boolean healthy) {
    return new MemberHealth(
        "demo-etcd-" + ordinal,
        "a" + ordinal,
        healthy,
        healthy && ordinal == 0,
        healthy ? "" : "is not reachable");
  }
}
