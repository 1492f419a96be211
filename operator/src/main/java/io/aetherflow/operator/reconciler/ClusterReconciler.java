package io.aetherflow.operator.reconciler;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.EtcdTarget;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.DesiredCluster;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EtcdShape;
import io.aetherflow.operator.model.Listen;
import io.aetherflow.operator.model.MonitoringPlan;
import io.aetherflow.operator.model.Platform;
import io.aetherflow.operator.reconciler.MembershipActor.Outcome;
import io.aetherflow.operator.upgrade.Upgrade;
import io.aetherflow.operator.upgrade.UpgradePlan;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Brings one cluster to its desired state and writes what it saw into the status. Never waits: what
 * takes time (etcd, rollouts) is looked at again when it changes.
 */
@ControllerConfiguration(
    name = "aetherflowcluster",
    fieldManager = ObjectApplier.FIELD_MANAGER,
    generationAwareEventProcessing = false,
    triggerReconcilerOnAllEvents = true)
public final class ClusterReconciler implements Reconciler<AetherFlowCluster>, AutoCloseable {
  /** A volume that is being deleted tells nobody when it is gone. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** Clocks jump; so everybody is looked at now and then, though nothing is due. */
  private static final Duration LOOK_LATEST = Duration.ofHours(6);

  /** What is overdue waits for something else, whose coming is an event. */
  private static final Duration OVERDUE = Duration.ofMinutes(1);

  private final Listen listen;
  private final String operatorNamespace;
  private final MonitoringApi monitoringApi;
  private final Clock clock;
  private final CertificateKeeper certificates;
  private final EventRecorder events;
  private final ClusterMetrics metrics;
  private final Incarnations incarnations = new Incarnations();

  /**
   * Those with an upgrade under way, whether or not the API server took the status that says so.
   */
  private final Set<ResourceID> upgrading = ConcurrentHashMap.newKeySet();

  private final Secondaries secondaries = new Secondaries();
  private final MadeSecrets madeSecrets;
  private final ClaimGrowth claimGrowth;
  private final SimpleInboundEventSource<AetherFlowCluster> etcdEvents =
      new SimpleInboundEventSource<>("etcd");
  private final EtcdLinks<ResourceID> etcds = new EtcdLinks<>(etcdEvents::propagateEvent);
  private final MembershipActor actor;
  private final RestoreActor restoreActor;

  /**
   * @param listen how the cluster's pods listen
   * @param operatorNamespace where the operator itself runs
   * @param random for the token key, passwords and certificates
   * @param meters where each cluster's state is told
   */
  public ClusterReconciler(
      KubernetesClient client,
      Listen listen,
      String operatorNamespace,
      Clock clock,
      SecureRandom random,
      MeterRegistry meters) {
    this.listen = listen;
    this.operatorNamespace = operatorNamespace;
    this.monitoringApi = new MonitoringApi(client, clock);
    this.clock = clock;
    this.madeSecrets = new MadeSecrets(random, secondaries);
    this.claimGrowth = new ClaimGrowth(client, clock);
    this.certificates = new CertificateKeeper(clock, random);
    this.events = new EventRecorder(client, clock);
    this.metrics = new ClusterMetrics(meters, clock);
    this.actor = new MembershipActor(client, etcds);
    this.restoreActor = new RestoreActor(client);
  }

  @Override
  public List<EventSource<?, AetherFlowCluster>> prepareEventSources(
      EventSourceContext<AetherFlowCluster> context) {
    List<EventSource<?, AetherFlowCluster>> sources = new ArrayList<>(secondaries.prepare(context));
    sources.add(etcdEvents);
    return sources;
  }

  @Override
  public UpdateControl<AetherFlowCluster> reconcile(
      AetherFlowCluster cluster, Context<AetherFlowCluster> context) {
    ResourceID id = ResourceID.fromResource(cluster);
    if (context.isPrimaryResourceDeleted() || cluster.isMarkedForDeletion()) {
      forget(id);
      incarnations.forget(id);
      return UpdateControl.noUpdate();
    }
    if (incarnations.isAnother(id, cluster.getMetadata().getUid())) {
      forget(id);
    }
    boolean asksForApi = asksForMonitoringApi(cluster);
    boolean monitors = asksForApi && monitoringApi.served();
    if (monitors) {
      secondaries.followMonitors(context);
    }
    ClusterView view = look(id, EffectiveSpec.of(cluster, monitors), cluster, context);
    // First, so that the tuning is on its way while the objects are compared.
    EtcdFacts facts = followEtcd(id, view);
    Observed before = view.observed(facts, clock.instant());
    UpgradePlan upgrade = planUpgrade(id, view, before);
    DesiredCluster desired =
        DesiredCluster.of(
            view.spec().withImages(upgrade.images()),
            new Platform(listen, operatorNamespace, monitors),
            view.shape());
    ObjectApplier applier = new ObjectApplier(cluster, context, secondaries);
    VolumeChanges volumes =
        new VolumeChanges(context, secondaries, claimGrowth, view.paused(), view.isEtcdSettled());
    Outcome outcome =
        view.paused()
            ? compare(id, desired, applier, volumes)
            : bringAbout(id, view, desired, applier, volumes, context);
    Observed observed = before.after(applier, upgrade.state(), volumes.verdict());
    Duration next =
        outcome == Outcome.LOOK_AGAIN
            ? LOOK_AGAIN
            : lookAgain(view, volumes, asksForApi && !monitors);
    return tell(id, observed, next);
  }

  private UpgradePlan planUpgrade(ResourceID id, ClusterView view, Observed before) {
    UpgradePlan plan =
        Upgrade.plan(
            Components.of(view.spec(), before, view.objects().backupSet()),
            upgrading.contains(id) || UpgradeHealth.wasUnderway(before.previous()));
    if (plan.state().isUnderway()) {
      upgrading.add(id);
    } else {
      upgrading.remove(id);
    }
    return plan;
  }

  private void forget(ResourceID id) {
    upgrading.remove(id);
    etcds.forget(id);
    metrics.forget(id);
    certificates.forget(id);
    claimGrowth.forget(id);
    actor.forget(id);
    secondaries.matches().forget(id);
  }

  /** The cluster as it is, and the certificates that are to be. */
  private ClusterView look(
      ResourceID id,
      EffectiveSpec spec,
      AetherFlowCluster cluster,
      Context<AetherFlowCluster> context) {
    boolean paused = ClusterView.isPaused(cluster);
    EtcdObjects objects = new EtcdObjects(cluster, context, spec);
    Optional<EtcdMembers> members = objects.members(etcds.facts(id));
    Optional<EtcdRollout> rollout =
        members.flatMap(each -> objects.rollout(each, actor.restarted()));
    HeldCertificates held =
        certificates.hold(
            cluster,
            spec,
            objects::certificates,
            new TrustSpread(rollout, pods(context), etcds.facts(id), clock.instant())::waitsFor,
            paused);
    HeldGatewayTls gatewayTls =
        HeldGatewayTls.of(
            spec, objects::certificates, objects.gatewayOffersHttps(), clock.instant());
    return new ClusterView(paused, objects, members, rollout, held, gatewayTls);
  }

  private static List<Pod> pods(Context<AetherFlowCluster> context) {
    return context.getSecondaryResourcesAsStream(Pod.class).toList();
  }

  /** Writes nothing, and counts what would be written. */
  private Outcome compare(
      ResourceID id, DesiredCluster desired, ObjectApplier applier, VolumeChanges volumes) {
    applier.compare(volumes.admit(desired.objects(), applier));
    etcds.order(id, Optional.empty());
    return Outcome.STARTED;
  }

  private Outcome bringAbout(
      ResourceID id,
      ClusterView view,
      DesiredCluster desired,
      ObjectApplier applier,
      VolumeChanges volumes,
      Context<AetherFlowCluster> context) {
    EffectiveSpec spec = view.spec();
    madeSecrets.ensure(spec, applier, context);
    applier.apply(volumes.admit(desired.objects(), applier));
    Outcome outcome =
        view.members().map(each -> changeMembers(id, view, each, applier)).orElse(Outcome.STARTED);
    Outcome rolled = view.rollout().map(each -> roll(id, each)).orElse(outcome);
    applier.throwRefusal();
    return rolled == Outcome.LOOK_AGAIN ? rolled : outcome;
  }

  private Outcome changeMembers(
      ResourceID id, ClusterView view, EtcdMembers members, ObjectApplier applier) {
    EtcdShape shape = view.shape();
    MembershipStep step = view.step();
    Outcome outcome = actor.act(id, view.spec().names(), step, shape.pods(), members.pods());
    restoreActor.act(
        view.spec(), step, shape.bootstrap().isRestoring(), members.restorePod(), applier::own);
    return outcome;
  }

  /** In metrics, Events and the status. */
  private UpdateControl<AetherFlowCluster> tell(
      ResourceID id, Observed observed, Duration lookAgain) {
    lookAtMembersIfPodsDiffer(id, observed);
    AetherFlowClusterStatus status = StatusModel.of(observed);
    BackupHealth backup = BackupHealth.of(observed);
    metrics.onReconciled(id, observed.etcd(), observed.pods(), status);
    metrics.onBackup(id, backup);
    metrics.onGatewayTls(id, observed.gatewayTls());
    return updateStatus(observed.cluster(), status)
        .rescheduleAfter(
            backup.changesIn().filter(change -> change.compareTo(lookAgain) < 0).orElse(lookAgain));
  }

  /** What ends the care of a database is an event, so that a pod which waits for it is not late. */
  private Outcome roll(ResourceID id, EtcdRollout rollout) {
    boolean idle = etcds.holdUpkeep(id, rollout.isUnderWay());
    return rollout
        .broken()
        .or(() -> idle ? rollout.next() : Optional.empty())
        .map(actor::restart)
        .orElse(Outcome.STARTED);
  }

  private Duration lookAgain(ClusterView view, VolumeChanges volumes, boolean awaitsApi) {
    Duration soonest =
        Stream.of(
                view.certificates().lookAgainAt(),
                view.gatewayTls().lookAgainAt(),
                volumes.askAgainAt())
            .flatMap(Optional::stream)
            .map(this::until)
            .min(Comparator.naturalOrder())
            .orElse(LOOK_LATEST);
    // Nothing tells when another API begins to be served.
    return awaitsApi && soonest.compareTo(MonitoringApi.KNOWN_FOR) > 0
        ? MonitoringApi.KNOWN_FOR
        : soonest;
  }

  private Duration until(Instant due) {
    Duration left = Duration.between(clock.instant(), due);
    if (!left.isPositive()) {
      return OVERDUE;
    }
    return left.compareTo(LOOK_LATEST) < 0 ? left : LOOK_LATEST;
  }

  private static boolean asksForMonitoringApi(AetherFlowCluster cluster) {
    return MonitoringPlan.asksForApi(
        Optional.ofNullable(cluster.getSpec()).map(AetherFlowClusterSpec::monitoring));
  }

  @Override
  public ErrorStatusUpdateControl<AetherFlowCluster> updateErrorStatus(
      AetherFlowCluster cluster, Context<AetherFlowCluster> context, Exception failure) {
    AetherFlowClusterStatus status = StatusModel.failed(cluster, failure, clock.instant());
    if (status.equals(cluster.getStatus())) {
      return ErrorStatusUpdateControl.noStatusUpdate();
    }
    events.record(cluster, Transitions.between(Optional.ofNullable(cluster.getStatus()), status));
    return ErrorStatusUpdateControl.patchStatus(withStatus(cluster, status));
  }

  private EtcdFacts followEtcd(ResourceID id, ClusterView view) {
    EffectiveSpec spec = view.spec();
    Optional<Tuning> tuning = view.paused() ? Optional.empty() : Optional.of(spec.tuning());
    return etcds.follow(
        id,
        view.members()
            .map(EtcdMembers::target)
            .orElseGet(() -> external(spec))
            .as(view.certificates().identity()),
        tuning);
  }

  private static EtcdTarget external(EffectiveSpec spec) {
    return new EtcdTarget(
        spec.etcd().endpoints().stream()
            .map(each -> new EtcdTarget.Member(URI.create(each).getAuthority(), each))
            .toList(),
        spec.etcd().prefix());
  }

  private void lookAtMembersIfPodsDiffer(ResourceID id, Observed observed) {
    observed
        .etcdSet()
        .map(StatefulSet::getStatus)
        .map(status -> status.getReadyReplicas() == null ? 0 : status.getReadyReplicas())
        .filter(ready -> ready != observed.etcd().healthyMembers())
        .ifPresent(differs -> etcds.look(id));
  }

  private UpdateControl<AetherFlowCluster> updateStatus(
      AetherFlowCluster cluster, AetherFlowClusterStatus status) {
    if (status.equals(cluster.getStatus())) {
      return UpdateControl.noUpdate();
    }
    events.record(cluster, Transitions.between(Optional.ofNullable(cluster.getStatus()), status));
    return UpdateControl.patchStatus(withStatus(cluster, status));
  }

  /** A fresh object: what a server-side apply does not name, it does not touch. */
  private static AetherFlowCluster withStatus(
      AetherFlowCluster cluster, AetherFlowClusterStatus status) {
    AetherFlowCluster fresh = new AetherFlowCluster();
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(cluster.getMetadata().getName())
            .withNamespace(cluster.getMetadata().getNamespace())
            .build());
    fresh.setStatus(status);
    return fresh;
  }

  /** Closes the clients of all etcds. */
  @Override
  public void close() {
    etcds.close();
    events.close();
  }
}
