package io.aetherflow.operator.reconciler;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.EtcdTarget;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.etcd.MembershipPlan;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.Bootstrap;
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
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
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

  private final Listen listen;
  private final String operatorNamespace;
  private final MonitoringApi monitoringApi;
  private final Clock clock;
  private final RandomGenerator random;
  private final EventRecorder events;
  private final ClusterMetrics metrics;
  private final Secondaries secondaries = new Secondaries();
  private final SimpleInboundEventSource<AetherFlowCluster> etcdEvents =
      new SimpleInboundEventSource<>("etcd");
  private final EtcdLinks<ResourceID> etcds = new EtcdLinks<>(etcdEvents::propagateEvent);
  private final MembershipActor actor;

  /**
   * @param listen how the cluster's pods listen
   * @param operatorNamespace where the operator itself runs
   * @param random a secure source, for the token key and passwords
   * @param meters where each cluster's state is told
   */
  public ClusterReconciler(
      KubernetesClient client,
      Listen listen,
      String operatorNamespace,
      Clock clock,
      RandomGenerator random,
      MeterRegistry meters) {
    this.listen = listen;
    this.operatorNamespace = operatorNamespace;
    this.monitoringApi = new MonitoringApi(client, clock);
    this.clock = clock;
    this.random = random;
    this.events = new EventRecorder(client, clock);
    this.metrics = new ClusterMetrics(meters);
    this.actor = new MembershipActor(client, etcds);
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
      return UpdateControl.noUpdate();
    }
    boolean paused = "true".equals(cluster.getMetadata().getAnnotations().get(PAUSED_ANNOTATION));
    boolean asksForApi = asksForMonitoringApi(cluster);
    boolean monitors = asksForApi && monitoringApi.served();
    if (monitors) {
      secondaries.followMonitors(context);
    }
    EffectiveSpec spec = EffectiveSpec.of(cluster, monitors);
    Optional<EtcdMembers> members = etcdMembers(cluster, context, spec, etcds.facts(id));
    // First, so that the tuning is on its way while the objects are compared.
    EtcdFacts facts = followEtcd(id, spec, members, paused);
    Optional<MembershipPlan> plan = members.map(EtcdMembers::plan);
    EtcdShape shape =
        members
            .map(each -> each.shape(plan.get()))
            .orElseGet(() -> EtcdShape.fresh(spec.names(), spec.etcdMembers()));
    MembershipStep step = plan.map(MembershipPlan::step).orElse(new MembershipStep.Nothing());
    Observed before = seen(cluster, context, spec, facts, step, paused);
    UpgradePlan upgrade =
        Upgrade.plan(Components.of(spec, before), UpgradeHealth.wasUnderway(before.previous()));
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
      actor.roll(spec.names(), applier.live(), before.pods(), facts, step);
      applier.throwRefusal();
    }
    Observed observed = before.after(applier, upgrade.state());
    lookAtMembersIfPodsDiffer(id, observed);
    AetherFlowClusterStatus status = StatusModel.of(observed);
    metrics.onReconciled(id, observed.etcd(), observed.pods(), status);
    UpdateControl<AetherFlowCluster> control = updateStatus(cluster, status);
    if (outcome == Outcome.LOOK_AGAIN) {
      return control.rescheduleAfter(LOOK_AGAIN);
    }
    // Nothing tells when another API begins to be served.
    return asksForApi && !monitors ? control.rescheduleAfter(MonitoringApi.KNOWN_FOR) : control;
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
      ResourceID id, EffectiveSpec spec, Optional<EtcdMembers> members, boolean paused) {
    Optional<Tuning> tuning = paused ? Optional.empty() : Optional.of(spec.tuning());
    return etcds.follow(
        id, members.map(EtcdMembers::target).orElseGet(() -> external(spec)), tuning);
  }

  private static EtcdTarget external(EffectiveSpec spec) {
    return new EtcdTarget(
        spec.etcd().endpoints().stream()
            .map(each -> new EtcdTarget.Member(URI.create(each).getAuthority(), each))
            .toList(),
        spec.etcd().prefix());
  }

  /** Nothing with an external etcd. */
  private Optional<EtcdMembers> etcdMembers(
      AetherFlowCluster cluster,
      Context<AetherFlowCluster> context,
      EffectiveSpec spec,
      EtcdFacts facts) {
    if (!(spec.etcd() instanceof EffectiveSpec.EtcdPlan.Members)) {
      return Optional.empty();
    }
    Names names = spec.names();
    Optional<Bootstrap> bootstrap =
        secondary(context, ConfigMap.class, names.etcdBootstrap()).flatMap(Bootstrap::read);
    Optional<StatefulSet> set = secondary(context, StatefulSet.class, names.etcd());
    List<Pod> pods =
        context
            .getSecondaryResourcesAsStream(Pod.class)
            .filter(pod -> Names.ETCD.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
            .toList();
    return Optional.of(
        new EtcdMembers(
            cluster,
            spec,
            bootstrap,
            set.map(each -> each.getSpec().getReplicas()),
            bootstrap.isPresent() || set.isPresent() ? 0 : claimedPods(context, names),
            pods,
            facts));
  }

  /** Volumes outlive the cluster they were made for; asked only for a cluster that is new. */
  private static int claimedPods(Context<AetherFlowCluster> context, Names names) {
    return context
        .getClient()
        .persistentVolumeClaims()
        .inNamespace(names.namespace())
        .withLabels(Labels.selector(names, Names.ETCD))
        .list()
        .getItems()
        .stream()
        .map(claim -> claim.getMetadata().getName())
        .mapToInt(name -> 1 + Membership.ordinal(name))
        .max()
        .orElse(0);
  }

  private static <R extends HasMetadata> Optional<R> secondary(
      Context<AetherFlowCluster> context, Class<R> type, String name) {
    return context
        .getSecondaryResourcesAsStream(type)
        .filter(each -> each.getMetadata().getName().equals(name))
        .findFirst();
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
      AetherFlowCluster cluster,
      Context<AetherFlowCluster> context,
      EffectiveSpec spec,
      EtcdFacts facts,
      MembershipStep step,
      boolean paused) {
    return new Observed(
        cluster,
        spec,
        liveDeployments(context),
        secondary(context, StatefulSet.class, spec.names().etcd()),
        context.getSecondaryResourcesAsStream(Pod.class).toList(),
        facts,
        step,
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
