package io.aetherflow.operator.reconciler;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.EtcdTarget;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.DesiredCluster;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EtcdShape;
import io.aetherflow.operator.model.GrafanaAdminModel;
import io.aetherflow.operator.model.JwtSecretModel;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Listen;
import io.aetherflow.operator.model.MonitoringPlan;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.model.Platform;
import io.aetherflow.operator.reconciler.MembershipActor.Outcome;
import io.aetherflow.operator.upgrade.Upgrade;
import io.aetherflow.operator.upgrade.UpgradePlan;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
  private static final String PAUSED_ANNOTATION = "aetherflow.io/paused";

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
  private final SecureRandom random;
  private final CertificateKeeper certificates;
  private final EventRecorder events;
  private final ClusterMetrics metrics;
  private final Secondaries secondaries = new Secondaries();
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
    this.random = random;
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
      etcds.forget(id);
      metrics.forget(id);
      certificates.forget(id);
      return UpdateControl.noUpdate();
    }
    boolean paused = "true".equals(cluster.getMetadata().getAnnotations().get(PAUSED_ANNOTATION));
    boolean asksForApi = asksForMonitoringApi(cluster);
    boolean monitors = asksForApi && monitoringApi.served();
    if (monitors) {
      secondaries.followMonitors(context);
    }
    EffectiveSpec spec = EffectiveSpec.of(cluster, monitors);
    EtcdObjects objects = new EtcdObjects(cluster, context, spec);
    Optional<EtcdMembers> members = objects.members(etcds.facts(id));
    Optional<EtcdRollout> rollout =
        members.flatMap(each -> objects.rollout(each, actor.restarted()));
    HeldCertificates held =
        certificates.hold(
            cluster,
            spec,
            objects::certificates,
            trust -> rollout.filter(each -> each.everyMemberStartedWith(trust)).isPresent(),
            paused);
    // First, so that the tuning is on its way while the objects are compared.
    EtcdFacts facts = followEtcd(id, spec, members, held, paused);
    Optional<MembershipPlan> plan = members.map(EtcdMembers::plan);
    EtcdShape shape =
        members
            .map(each -> each.shape(plan.get()))
            .orElseGet(() -> EtcdShape.fresh(spec.names(), spec.etcdMembers()))
            .with(held.certificates());
    MembershipStep step = plan.map(MembershipPlan::step).orElse(new MembershipStep.Nothing());
    Observed before = seen(objects, facts, step, held, paused);
    UpgradePlan upgrade =
        Upgrade.plan(
            Components.of(spec, before, objects.backupSet()),
            UpgradeHealth.wasUnderway(before.previous()));
    DesiredCluster desired =
        DesiredCluster.of(
            spec.withImages(upgrade.images()),
            new Platform(listen, operatorNamespace, monitors),
            shape);
    ObjectApplier applier = new ObjectApplier(cluster, context, secondaries);
    Outcome outcome = Outcome.STARTED;
    if (paused) {
      applier.compare(desired.objects());
      etcds.order(id, Optional.empty());
    } else {
      ensureSecrets(spec, applier, context);
      applier.apply(desired.objects());
      outcome =
          plan.map(each ->
                  actor.act(id, spec.names(), each.step(), shape.pods(), members.get().pods()))
              .orElse(Outcome.STARTED);
      plan.ifPresent(each ->
          restoreActor.act(
              spec,
              each.step(),
              shape.bootstrap().isRestoring(),
              members.get().restorePod(),
              applier::own));
      rollout.ifPresent(each -> roll(id, each));
      applier.throwRefusal();
    }
    Observed observed = before.after(applier, upgrade.state());
    lookAtMembersIfPodsDiffer(id, observed);
    AetherFlowClusterStatus status = StatusModel.of(observed);
    BackupHealth backup = BackupHealth.of(observed);
    metrics.onReconciled(id, observed.etcd(), observed.pods(), status);
    metrics.onBackup(id, backup);
    UpdateControl<AetherFlowCluster> control = updateStatus(cluster, status);
    if (outcome == Outcome.LOOK_AGAIN) {
      return control.rescheduleAfter(LOOK_AGAIN);
    }
    Duration next = lookAgain(held, asksForApi && !monitors);
    return control.rescheduleAfter(
        backup.changesIn().filter(change -> change.compareTo(next) < 0).orElse(next));
  }

  /** What ends the care of a database is an event, so that a pod which waits for it is not late. */
  private void roll(ResourceID id, EtcdRollout rollout) {
    boolean idle = etcds.holdUpkeep(id, rollout.isUnderWay());
    rollout.broken().or(() -> idle ? rollout.next() : Optional.empty()).ifPresent(actor::restart);
  }

  private Duration lookAgain(HeldCertificates held, boolean awaitsApi) {
    Duration soonest = held.lookAgainAt().map(this::until).orElse(LOOK_LATEST);
    // Nothing tells when another API begins to be served.
    return awaitsApi && soonest.compareTo(MonitoringApi.KNOWN_FOR) > 0
        ? MonitoringApi.KNOWN_FOR
        : soonest;
  }

  private Duration until(Instant due) {
    Duration left = Duration.between(clock.instant(), due);
    if (left.compareTo(OVERDUE) < 0) {
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

  private EtcdFacts followEtcd(
      ResourceID id,
      EffectiveSpec spec,
      Optional<EtcdMembers> members,
      HeldCertificates held,
      boolean paused) {
    Optional<Tuning> tuning = paused ? Optional.empty() : Optional.of(spec.tuning());
    return etcds.follow(
        id,
        members.map(EtcdMembers::target).orElseGet(() -> external(spec)).as(held.identity()),
        tuning);
  }

  private static EtcdTarget external(EffectiveSpec spec) {
    return new EtcdTarget(
        spec.etcd().endpoints().stream()
            .map(each -> new EtcdTarget.Member(URI.create(each).getAuthority(), each))
            .toList(),
        spec.etcd().prefix());
  }

  private void ensureSecrets(
      EffectiveSpec spec, ObjectApplier applier, Context<AetherFlowCluster> context) {
    Names names = spec.names();
    ensureSecret(
        names.jwtSecret(),
        () -> JwtSecretModel.of(names, random(JwtSecretModel.RANDOM_BYTES)),
        applier,
        context);
    if (spec.monitoring().makesGrafanaSecret()) {
      ensureSecret(
          names.grafanaAdmin(),
          () -> GrafanaAdminModel.of(names, random(GrafanaAdminModel.RANDOM_BYTES)),
          applier,
          context);
    }
  }

  private byte[] random(int bytes) {
    byte[] made = new byte[bytes];
    random.nextBytes(made);
    return made;
  }

  private void ensureSecret(
      String name,
      Supplier<Secret> made,
      ObjectApplier applier,
      Context<AetherFlowCluster> context) {
    boolean present =
        context
            .getSecondaryResourcesAsStream(Secret.class)
            .anyMatch(secret -> secret.getMetadata().getName().equals(name));
    if (present) {
      return;
    }
    Secret secret = made.get();
    applier.own(secret);
    try {
      secondaries.remember(context.getClient().resource(secret).create(), Optional.empty());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // It exists, made by an earlier cluster of this name or by a person: never overwritten.
    }
  }

  /** As it is before this reconciliation writes anything. */
  private Observed seen(
      EtcdObjects objects,
      EtcdFacts facts,
      MembershipStep step,
      HeldCertificates held,
      boolean paused) {
    return new Observed(
        objects.cluster(),
        objects.spec(),
        liveDeployments(objects.context()),
        objects.memberSet(),
        objects.backupSet(),
        objects.context().getSecondaryResourcesAsStream(Pod.class).toList(),
        facts,
        step,
        held,
        new UpgradeState.Complete(),
        paused,
        0,
        clock.instant());
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
