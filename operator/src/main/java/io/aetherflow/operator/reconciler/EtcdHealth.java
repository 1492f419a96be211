package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdCommand;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.etcd.RosterEntry;
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
 * @param step what is being done about the members
 * @param wasComplete whether the cluster had all members once, so that a missing one is a loss and
 *     not a start
 * @param settled whether the members' pods all run the wanted template
 */
record EtcdHealth(
    int desired, EtcdFacts facts, MembershipStep step, boolean wasComplete, boolean settled) {
  static final String ALL_HEALTHY = "AllMembersHealthy";
  static final String MEMBER_DOWN = "MemberDown";
  static final String MEMBERS_CHANGING = "MembersChanging";
  static final String QUORUM_LOST = "QuorumLost";
  static final String UNREACHABLE = "Unreachable";

  static final String RESTORE_FAILED = "RestoreFailed";

  /** The operator has just begun to look at a cluster that was well when it was last seen. */
  static final String CONNECTING = "Connecting";

  private static final String WAY_OUT =
      ". Nothing that was acknowledged is lost while a majority of the volumes exists: bring those"
          + " pods back and delete no volume. docs/operations.md, EtcdUnhealthy, tells what to do"
          + " when a majority of the volumes is gone";

  private static final Set<String> AFTER_FORMING =
      Set.of(ALL_HEALTHY, MEMBER_DOWN, MEMBERS_CHANGING, QUORUM_LOST, UNREACHABLE, CONNECTING);

  static EtcdHealth of(Observed observed) {
    return new EtcdHealth(
        observed.spec().etcdMembers(),
        observed.etcd(),
        observed.membership(),
        wasComplete(observed.previous()),
        observed.etcdSet().map(EtcdHealth::settled).orElse(true));
  }

  /** Whether the status tells that the cluster had all its members once. */
  static boolean wasComplete(Optional<AetherFlowClusterStatus> status) {
    return status
        .map(AetherFlowClusterStatus::conditions)
        .flatMap(all ->
            all.stream().filter(c -> c.getType().equals(StatusModel.ETCD_AVAILABLE)).findFirst())
        .map(Condition::getReason)
        .filter(AFTER_FORMING::contains)
        .isPresent();
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
    return facts.available()
        && healthy() == desired
        && settled
        && step instanceof MembershipStep.Nothing;
  }

  Optional<String> leader() {
    return facts.leader();
  }

  String display() {
    return healthy() + "/" + desired;
  }

  Verdict verdict() {
    // A read may come back before the first answers about the members; then nobody was counted.
    if (wasComplete && facts.members().isEmpty()) {
      return Verdict.unknown(CONNECTING, "the operator has just asked etcd how it is");
    }
    String counted = healthy() + " of " + desired + " members are healthy";
    if (!facts.available()) {
      if (step instanceof MembershipStep.RestoreFailed failed) {
        return Verdict.no(RESTORE_FAILED, failed.why());
      }
      if (!wasComplete) {
        return Verdict.no(
            "Starting", "etcd does not answer yet; " + counted + unhealthy() + restore());
      }
      return healthy() <= voters() / 2
          ? Verdict.no(QUORUM_LOST, counted + ", fewer than a majority" + unhealthy() + WAY_OUT)
          : Verdict.no(
              UNREACHABLE, counted + ", but " + facts.problem().orElse("no read came back"));
    }
    if (!wasComplete && healthy() < desired) {
      return Verdict.yes("Starting", counted + unhealthy());
    }
    if (voterDown()) {
      return Verdict.yes(MEMBER_DOWN, counted + unhealthy() + change());
    }
    return healthy() == desired && step instanceof MembershipStep.Nothing
        ? Verdict.yes(
            ALL_HEALTHY, counted + leader().map(name -> "; " + name + " leads").orElse(""))
        : Verdict.yes(MEMBERS_CHANGING, counted + change());
  }

  /** Members that vote, as etcd tells, or those wanted while it does not. */
  private int voters() {
    return facts
        .roster()
        .map(all -> (int) all.stream().filter(m -> !m.learner()).count())
        .orElse(desired);
  }

  private boolean voterDown() {
    Optional<Set<String>> voters =
        facts
            .roster()
            .map(all ->
                all.stream()
                    .filter(m -> !m.learner())
                    .map(RosterEntry::name)
                    .collect(Collectors.toSet()));
    // A member that was taken out may still be asked once.
    return facts.members().stream()
        .filter(m -> voters.map(names -> names.contains(m.name())).orElse(true))
        .anyMatch(m -> !m.healthy());
  }

  private String change() {
    String doing =
        switch (step) {
          case MembershipStep.Nothing nothing -> "";
          case MembershipStep.Wait wait -> "; " + wait.why();
          case MembershipStep.Order order -> "; " + describe(order.command());
          case MembershipStep.Restore restore -> "; " + restore.snapshot() + " is restored";
          case MembershipStep.RestoreFailed failed -> "; " + failed.why();
          case MembershipStep.RestartPod restart -> "; " + restart.name() + " starts anew";
          case MembershipStep.DiscardVolume discard ->
              "; the volume of " + discard.name() + " is thrown away";
        };
    return doing + facts.refusal().map(why -> " (" + why + ")").orElse("");
  }

  /** What a cluster that begins with a snapshot waits for. */
  private String restore() {
    return step instanceof MembershipStep.Restore
            || step instanceof MembershipStep.Wait && facts.roster().isEmpty()
        ? change()
        : "";
  }

  private static String describe(EtcdCommand command) {
    return switch (command) {
      case EtcdCommand.AddLearner add -> add.name() + " is added as a learner";
      case EtcdCommand.Promote promote -> promote.name() + " copies the store, then votes";
      case EtcdCommand.Remove remove -> remove.name() + " is taken out";
      case EtcdCommand.ForgetPods forget -> "what the snapshot says of other pods is removed";
      case EtcdCommand.MoveLeader move -> move.from() + " hands leadership over";
    };
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
