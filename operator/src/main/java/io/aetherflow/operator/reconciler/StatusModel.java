package io.aetherflow.operator.reconciler;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.crds.ComponentStatus;
import io.aetherflow.crds.DisplayStatus;
import io.aetherflow.crds.EtcdMemberStatus;
import io.aetherflow.crds.EtcdStatus;
import io.aetherflow.crds.TuningStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.RosterEntry;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The status as a pure function of what was observed. The order of the checks in each method is the
 * order in which reasons are reported.
 */
final class StatusModel {
  static final String READY = "Ready";
  static final String ETCD_AVAILABLE = "EtcdAvailable";
  static final String TUNING_APPLIED = "TuningApplied";
  static final String CERTIFICATES_READY = "CertificatesReady";
  static final String DEGRADED = "Degraded";
  static final String PAUSED = "Paused";
  static final String PROGRESSING = "Progressing";

  /** Of an etcd that does not answer, but of which nothing bad is known. */
  private static final Set<String> NOT_DEGRADED = Set.of("Starting", EtcdHealth.CONNECTING);

  private final Observed observed;
  private final EtcdHealth etcd;
  private final BackupHealth backup;
  private final List<Rollout> rollouts;
  private final TuningProgress tuning;
  private final UpgradeHealth upgrade;

  private StatusModel(Observed observed) {
    this.observed = observed;
    this.etcd = EtcdHealth.of(observed);
    this.backup = BackupHealth.of(observed);
    this.rollouts =
        observed.spec().workloads().stream()
            .map(workload ->
                Rollout.of(
                    workload,
                    Optional.ofNullable(observed.deployments().get(workload.component()))))
            .toList();
    this.tuning = TuningProgress.of(observed);
    this.upgrade = UpgradeHealth.of(observed);
  }

  static AetherFlowClusterStatus of(Observed observed) {
    return new StatusModel(observed).status();
  }

  /** The last status, with the failure of a reconciliation written into it. */
  static AetherFlowClusterStatus failed(AetherFlowCluster cluster, Exception failure, Instant now) {
    AetherFlowClusterStatus last =
        cluster.getStatus() == null
            ? new AetherFlowClusterStatus(null, null, null, null, null, null, null)
            : cluster.getStatus();
    String message =
        "the operator could not bring the cluster to its desired state and retries: "
            + rootMessage(failure);
    Verdict ready = Verdict.no("ReconcileError", message);
    Verdict degraded = Verdict.yes("ReconcileError", message);
    Long generation = cluster.getMetadata().getGeneration();
    List<Condition> before = last.conditions() == null ? List.of() : last.conditions();
    List<Condition> conditions = new ArrayList<>();
    conditions.add(condition(READY, ready, before, generation, now));
    before.stream()
        .filter(c -> !c.getType().equals(READY) && !c.getType().equals(DEGRADED))
        .forEach(conditions::add);
    conditions.add(condition(DEGRADED, degraded, before, generation, now));
    return new AetherFlowClusterStatus(
        generation,
        conditions,
        last.version(),
        last.etcd(),
        last.components(),
        last.tuning(),
        last.display());
  }

  private AetherFlowClusterStatus status() {
    Verdict degraded = degraded();
    List<Condition> conditions =
        List.of(
            condition(READY, ready(degraded)),
            condition(ETCD_AVAILABLE, etcd.verdict()),
            condition(BackupHealth.ETCD_BACKED_UP, backup.verdict()),
            condition(TUNING_APPLIED, tuningApplied()),
            condition(CERTIFICATES_READY, observed.certificates().verdict()),
            condition(HeldGatewayTls.CONDITION, observed.gatewayTls().verdict()),
            condition(VolumeChanges.CONDITION, observed.storage()),
            condition(DEGRADED, degraded),
            condition(PAUSED, paused()),
            condition(UpgradeHealth.UPGRADED, upgraded()),
            condition(MonitoringHealth.MONITORING_READY, MonitoringHealth.of(observed)));
    return new AetherFlowClusterStatus(
        observed.generation(),
        conditions,
        upgrade.version().orElse(null),
        etcdStatus(),
        rollouts.stream()
            .map(r -> new ComponentStatus(r.component(), r.desired(), r.ready()))
            .toList(),
        new TuningStatus(
            tuning.revision(),
            tuning.applied(),
            tuning.total(),
            tuning.listedPending(),
            tuning.listedRejected()),
        display());
  }

  private Verdict ready(Verdict degraded) {
    if (observed.paused() && upgrade.state().isUnderway()) {
      return Verdict.no(PAUSED, "the cluster is paused, and its upgrade with it");
    }
    if (observed.paused() && (observed.unapplied() > 0 || !tuning.published())) {
      return Verdict.no(PAUSED, "the cluster is paused; its last changes are not applied");
    }
    Verdict etcdVerdict = etcd.verdict();
    if (!etcdVerdict.isTrue()) {
      if (etcdVerdict.reason().equals(EtcdHealth.CONNECTING)) {
        return etcdVerdict;
      }
      String reason = etcdVerdict.reason().equals("Starting") ? PROGRESSING : etcdVerdict.reason();
      return Verdict.no(reason, etcdVerdict.message());
    }
    List<Rollout> incomplete = rollouts.stream().filter(r -> !r.complete()).toList();
    boolean tuned = tuningApplied().isTrue();
    boolean upgraded =
        upgrade.verdict().isTrue()
            || observed.paused() && !(upgrade.state() instanceof UpgradeState.Refused);
    if (incomplete.isEmpty() && etcd.complete() && tuned && upgraded) {
      return Verdict.yes(
          "AllComponentsReady", "all components are ready; " + tuningApplied().message());
    }
    if (degraded.isTrue()) {
      return Verdict.no(degraded.reason(), degraded.message());
    }
    if (!upgraded && upgrade.isTold()) {
      return Verdict.no(upgrade.verdict().reason(), upgrade.verdict().message());
    }
    if (!incomplete.isEmpty()) {
      List<String> counts =
          incomplete.stream()
              .map(r -> r.component() + " " + r.ready() + "/" + r.desired())
              .toList();
      return Verdict.no(PROGRESSING, "waiting for pods: " + String.join(", ", counts));
    }
    return etcd.complete()
        ? Verdict.no(PROGRESSING, tuningApplied().message())
        : Verdict.no(PROGRESSING, "etcd: " + etcdVerdict.message());
  }

  private Verdict tuningApplied() {
    return tuning.verdict(etcd.facts().available(), observed.paused());
  }

  /** An operator that has just started knows nothing of etcd, and forgets no stage for that. */
  private Verdict upgraded() {
    return observed
        .previousCondition(UpgradeHealth.UPGRADED)
        .filter(last -> etcd.verdict().reason().equals(EtcdHealth.CONNECTING))
        .map(last ->
            last.getStatus().equals("True")
                ? Verdict.yes(last.getReason(), last.getMessage())
                : Verdict.no(last.getReason(), last.getMessage()))
        .orElseGet(upgrade::verdict);
  }

  private Verdict degraded() {
    Verdict certificates = observed.certificates().verdict();
    if (!certificates.isTrue()) {
      return Verdict.yes(certificates.reason(), certificates.message());
    }
    Verdict etcdVerdict = etcd.verdict();
    if (!etcdVerdict.isTrue() && !NOT_DEGRADED.contains(etcdVerdict.reason())) {
      return Verdict.yes(etcdVerdict.reason(), etcdVerdict.message());
    }
    Optional<Verdict> pod =
        PodProblems.first(observed.pods().stream().filter(MonitoringHealth::isWatched).toList());
    if (pod.isPresent()) {
      return pod.get();
    }
    Optional<Rollout> stuck = rollouts.stream().filter(r -> r.trouble().isPresent()).findFirst();
    if (stuck.isPresent()) {
      return Verdict.yes(
          "RolloutStuck", stuck.get().component() + ": " + stuck.get().trouble().get());
    }
    if (!tuning.rejected().isEmpty()) {
      return Verdict.yes("TuningRejected", "refused by " + tuning.rejected().getFirst());
    }
    if (etcdVerdict.reason().equals(EtcdHealth.MEMBER_DOWN) && !upgrade.rollsEtcd()) {
      return Verdict.yes(etcdVerdict.reason(), etcdVerdict.message());
    }
    if (observed.etcd().upkeep().noSpace()) {
      return Verdict.yes("EtcdNoSpace", observed.etcd().upkeep().doing());
    }
    Verdict gatewayTls = observed.gatewayTls().verdict();
    if (!gatewayTls.isTrue()) {
      return Verdict.yes(gatewayTls.reason(), gatewayTls.message());
    }
    if (observed.storage().reason().equals(VolumeChanges.REFUSED)) {
      return Verdict.yes(VolumeChanges.REFUSED, observed.storage().message());
    }
    return backup.trouble().orElse(Verdict.no("AsExpected", "nothing is wrong"));
  }

  private Verdict paused() {
    return observed.paused()
        ? Verdict.yes(
            "PausedByAnnotation", "the operator changes nothing while aetherflow.io/paused is true")
        : Verdict.no("Active", "the operator keeps the cluster as the resource says");
  }

  private EtcdStatus etcdStatus() {
    Map<String, RosterEntry> roster =
        etcd.facts().roster().orElse(List.of()).stream()
            .collect(Collectors.toMap(RosterEntry::name, each -> each, (one, other) -> one));
    String upkeep = observed.etcd().upkeep().doing();
    List<EtcdMemberStatus> members =
        etcd.facts().members().stream().map(m -> member(m, roster.get(m.name()))).toList();
    HeldCertificates certificates = observed.certificates();
    return new EtcdStatus(
        etcd.desired(),
        etcd.healthy(),
        etcd.leader().orElse(null),
        members,
        backup.status().orElse(null),
        upkeep.isEmpty() ? null : upkeep,
        certificates.leavesEnd().map(Instant::toString).orElse(null),
        certificates.authorityEnd().map(Instant::toString).orElse(null));
  }

  private static EtcdMemberStatus member(MemberHealth health, RosterEntry entry) {
    // A member that does not answer cannot tell its id, but the others can.
    String id = entry == null ? health.id() : entry.id();
    Boolean learner = entry != null && entry.learner() ? true : null;
    return new EtcdMemberStatus(health.name(), id.isEmpty() ? null : id, health.healthy(), learner);
  }

  private DisplayStatus display() {
    Tuning running =
        observed
            .etcd()
            .store()
            .map(EtcdFacts.Stored::entries)
            .map(Tuning::parse)
            .flatMap(p ->
                p instanceof Tuning.Parsed.Valid v ? Optional.of(v.tuning()) : Optional.empty())
            .orElse(observed.spec().tuning());
    return new DisplayStatus(
        etcd.display(),
        display(Names.GATEWAY),
        display(Names.SESSION),
        display(Names.STATESYNC),
        running.fecRatioPercent() + "%",
        Integer.toString(running.maxCwndPackets()),
        tuning.applied() + "/" + tuning.total(),
        upgrade.display());
  }

  private String display(String component) {
    return rollouts.stream()
        .filter(r -> r.component().equals(component))
        .map(Rollout::display)
        .findFirst()
        .orElseThrow();
  }

  private Condition condition(String type, Verdict verdict) {
    List<Condition> before =
        observed.previous().map(AetherFlowClusterStatus::conditions).orElse(List.of());
    return condition(type, verdict, before, observed.generation(), observed.now());
  }

  private static Condition condition(
      String type, Verdict verdict, List<Condition> before, Long generation, Instant now) {
    String status = verdict.status().text();
    String since =
        before.stream()
            .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
            .map(Condition::getLastTransitionTime)
            .findFirst()
            .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(verdict.reason())
        .withMessage(verdict.message())
        .withObservedGeneration(generation)
        .withLastTransitionTime(since)
        .build();
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
