package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.crds.EtcdMemberStatus;
import io.aetherflow.operator.etcd.Admission;
import io.aetherflow.operator.etcd.EtcdCommand;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdTarget;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipView;
import io.aetherflow.operator.etcd.RosterEntry;
import io.aetherflow.operator.model.Bootstrap;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import io.aetherflow.operator.model.EtcdShape;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a cluster's own etcd members are to be, from the objects and facts of one moment. Pure.
 *
 * @param live what the bootstrap ConfigMap says, or nothing when there is none
 * @param setPods pods of the StatefulSet, or nothing when there is none
 * @param claimedPods how many members' volumes were there before the cluster was; 0 when it is not
 *     new
 * @param pods the members' pods
 * @param restorePod the pod that fills the first member's volume with a snapshot
 */
record EtcdMembers(
    AetherFlowCluster cluster,
    EffectiveSpec spec,
    Optional<Bootstrap> live,
    Optional<Integer> setPods,
    int claimedPods,
    List<Pod> pods,
    Optional<Pod> restorePod,
    EtcdFacts facts) {

  /** Id of a member whose volume is to be thrown away. */
  static final String DISCARD_ANNOTATION = "aetherflow.io/etcd-discard-member";

  /** Whether an etcd that has lost every volume may begin again with nothing. */
  static final String START_EMPTY_ANNOTATION = "aetherflow.io/etcd-start-empty";

  /**
   * What etcd says when it has no data, and the bootstrap list does not name it or is not the
   * cluster's present one. With data it reads no list.
   */
  private static final List<String> NOT_ADMITTED =
      List.of(
          "couldn't find local name", "error validating peerURLs", "has already been bootstrapped");

  /** Which members to ask: those of the roster, or all pods while it is not known. */
  EtcdTarget target() {
    Names names = spec.names();
    List<String> members =
        facts
            .roster()
            .map(roster -> roster.stream().map(RosterEntry::name).toList())
            .orElseGet(() ->
                IntStream.range(0, Math.max(known().pods(), 1))
                    .mapToObj(names::etcdMember)
                    .toList());
    return new EtcdTarget(
        members.stream()
            .map(name -> new EtcdTarget.Member(name, names.etcdClientUrl(name)))
            .toList(),
        spec.etcd().prefix(),
        true);
  }

  MembershipPlan plan() {
    EtcdShape known = known();
    if (known.bootstrap().isRestoring() && !restored(known)) {
      return new RestorePlan(spec, restorePod, facts.available()).next(known.pods());
    }
    Names names = spec.names();
    Map<String, String> annotations = cluster.getMetadata().getAnnotations();
    return Membership.plan(
        new MembershipView(
            names.etcd(),
            spec.etcdMembers(),
            known.bootstrap().isFormed(),
            known.bootstrap().size(),
            !known.bootstrap().equals(Bootstrap.closed()),
            known.pods(),
            facts.available(),
            facts.roster(),
            facts.servingNames(),
            facts.leader(),
            named(EtcdMembers::isEmpty),
            named(end -> end.getExitCode() == 0),
            Optional.ofNullable(annotations.get(DISCARD_ANNOTATION)),
            mayStartEmpty(annotations),
            names::etcdPeerUrl));
  }

  /** The plan in the terms of the objects. */
  EtcdShape shape(MembershipPlan plan) {
    Bootstrap bootstrap =
        switch (plan.admission()) {
          case Admission.Founders founders -> Bootstrap.forming(spec.names(), founders.count());
          case Admission.Nobody nobody -> Bootstrap.closed();
          case Admission.Restoring restoring -> Bootstrap.restoring();
          case Admission.Only only ->
              Bootstrap.admitting(only.name(), only.peerUrl(), only.others());
        };
    return new EtcdShape(plan.pods(), bootstrap);
  }

  /** As it was last, before anything new is decided. */
  EtcdShape known() {
    int atLeast = Math.max(claimedPods, statusPods());
    if (restores()
        && atLeast == 0
        && setPods.orElse(0) == 0
        && live.map(Bootstrap::isRestoring).orElse(true)) {
      return new EtcdShape(0, Bootstrap.restoring());
    }
    if (live.isPresent()) {
      return new EtcdShape(Math.max(setPods.orElse(spec.etcdMembers()), atLeast), live.get());
    }
    // Volumes of an earlier cluster of this name, or a ConfigMap that somebody deleted.
    return atLeast > 0
        ? new EtcdShape(Math.max(setPods.orElse(0), atLeast), Bootstrap.closed())
        : EtcdShape.fresh(spec.names(), spec.etcdMembers());
  }

  /** Whether the resource names a snapshot to begin with. */
  private boolean restores() {
    return RestorePlan.wanted(spec).isPresent();
  }

  private boolean restored(EtcdShape known) {
    return known.pods() > 0 && facts.done().equals(Optional.of(new EtcdCommand.ForgetPods()));
  }

  /** As many as the status has told of once the cluster had formed; else 0. */
  private int statusPods() {
    return everFormed()
        ? 1
            + memberStatuses()
                .map(EtcdMemberStatus::name)
                .mapToInt(Membership::ordinal)
                .max()
                .orElse(0)
        : 0;
  }

  private Stream<EtcdMemberStatus> memberStatuses() {
    return Optional.ofNullable(cluster.getStatus())
        .map(AetherFlowClusterStatus::etcd)
        .map(etcd -> etcd.members())
        .stream()
        .flatMap(List::stream);
  }

  private boolean everFormed() {
    return EtcdHealth.wasComplete(Optional.ofNullable(cluster.getStatus()));
  }

  private boolean mayStartEmpty(Map<String, String> annotations) {
    boolean ephemeral =
        spec.etcd() instanceof EtcdPlan.Members members
            && members.spec().storage() != null
            && Boolean.TRUE.equals(members.spec().storage().ephemeral());
    return ephemeral
        || !everFormed() && !restores()
        || "true".equals(annotations.get(START_EMPTY_ANNOTATION));
  }

  /** Pods that do not run, because their etcd ended so. */
  private Set<String> named(Predicate<ContainerStateTerminated> ended) {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> lastEnd(pod).filter(ended).isPresent())
        .map(pod -> pod.getMetadata().getName())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** How the container ended that does not run now. */
  private static Optional<ContainerStateTerminated> lastEnd(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    return pod.getStatus().getContainerStatuses().stream()
        .filter(each -> each.getState() != null && each.getState().getRunning() == null)
        .map(
            each -> each.getState().getTerminated() != null ? each.getState() : each.getLastState())
        .filter(Objects::nonNull)
        .map(ContainerState::getTerminated)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static boolean isEmpty(ContainerStateTerminated end) {
    String words = end.getMessage();
    return words != null && NOT_ADMITTED.stream().anyMatch(words::contains);
  }
}
