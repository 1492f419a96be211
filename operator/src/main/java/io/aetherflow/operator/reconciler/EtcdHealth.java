package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How etcd is. Pure.
 *
 * @param desired members wanted
 * @param wasComplete whether the cluster had all members once, so that a missing one is a loss and
 *     not a start
 * @param settled whether the members' pods all run the wanted template
 */
record EtcdHealth(int desired, EtcdFacts facts, boolean wasComplete, boolean settled) {
  static final String ALL_HEALTHY = "AllMembersHealthy";
  static final String MEMBER_DOWN = "MemberDown";
  static final String QUORUM_LOST = "QuorumLost";

  /** The operator has just begun to look at a cluster that was well when it was last seen. */
  static final String CONNECTING = "Connecting";

  static EtcdHealth of(Observed observed) {
    Set<String> afterForming = Set.of(ALL_HEALTHY, MEMBER_DOWN, QUORUM_LOST, CONNECTING);
    boolean wasComplete =
        observed
            .previousCondition(StatusModel.ETCD_AVAILABLE)
            .map(Condition::getReason)
            .filter(afterForming::contains)
            .isPresent();
    return new EtcdHealth(
        observed.spec().etcd().endpoints().size(),
        observed.etcd(),
        wasComplete,
        observed.etcdSet().map(EtcdHealth::settled).orElse(true));
  }

  private static boolean settled(StatefulSet set) {
    StatefulSetStatus status = set.getStatus();
    return status != null
        && status.getObservedGeneration() != null
        && status.getObservedGeneration() >= set.getMetadata().getGeneration()
        && set.getSpec().getReplicas().equals(status.getReadyReplicas())
        && set.getSpec().getReplicas().equals(status.getUpdatedReplicas());
  }

  int healthy() {
    return (int) facts.healthyMembers();
  }

  boolean complete() {
    return facts.available() && healthy() == desired && settled;
  }

  Optional<String> leader() {
    return facts.members().stream()
        .filter(MemberHealth::leader)
        .map(MemberHealth::name)
        .findFirst();
  }

  String display() {
    return healthy() + "/" + desired;
  }

  Verdict verdict() {
    if (wasComplete && facts.equals(EtcdFacts.UNKNOWN)) {
      return Verdict.unknown(CONNECTING, "the operator has just asked etcd how it is");
    }
    String counted = healthy() + " of " + desired + " members are healthy";
    if (!facts.available()) {
      if (!wasComplete) {
        return Verdict.no("Starting", "etcd does not answer yet; " + counted + unhealthy());
      }
      return healthy() <= desired / 2
          ? Verdict.no(QUORUM_LOST, counted + ", fewer than a majority" + unhealthy())
          : Verdict.no(
              "Unreachable", counted + ", but " + facts.problem().orElse("no read came back"));
    }
    if (healthy() == desired) {
      return Verdict.yes(
          ALL_HEALTHY, counted + leader().map(name -> "; " + name + " leads").orElse(""));
    }
    return wasComplete
        ? Verdict.yes(MEMBER_DOWN, counted + unhealthy())
        : Verdict.yes("Starting", counted + unhealthy());
  }

  private String unhealthy() {
    List<MemberHealth> down = facts.members().stream().filter(m -> !m.healthy()).toList();
    return down.isEmpty()
        ? ""
        : "; "
            + down.stream()
                .map(member -> member.name() + " " + member.problem())
                .collect(Collectors.joining(", "));
  }
}
