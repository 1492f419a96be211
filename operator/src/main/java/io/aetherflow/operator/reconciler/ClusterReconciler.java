package io.aetherflow.operator.reconciler;

import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.EtcdTarget;
import io.aetherflow.operator.model.DesiredCluster;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.GrafanaAdminModel;
import io.aetherflow.operator.model.JwtSecretModel;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Listen;
import io.aetherflow.operator.model.MonitoringPlan;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.model.Platform;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

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
    DesiredCluster desired =
        DesiredCluster.of(cluster, new Platform(listen, operatorNamespace, monitors));
    // First, so that the tuning is on its way while the objects are compared.
    EtcdFacts facts = followEtcd(id, desired.spec(), paused);
    ObjectApplier applier = new ObjectApplier(cluster, context, secondaries);
    if (paused) {
      applier.compare(desired.objects());
    } else {
      ensureSecrets(desired.spec(), applier, context);
      applier.apply(desired.objects());
    }
    Observed observed = observe(cluster, context, desired.spec(), applier, facts, paused);
    lookAtMembersIfPodsDiffer(id, observed);
    AetherFlowClusterStatus status = StatusModel.of(observed);
    metrics.onReconciled(id, observed.etcd(), observed.pods(), status);
    UpdateControl<AetherFlowCluster> control = updateStatus(cluster, status);
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

  private EtcdFacts followEtcd(ResourceID id, EffectiveSpec spec, boolean paused) {
    List<EtcdTarget.Member> members = new ArrayList<>();
    for (String endpoint : spec.etcd().endpoints()) {
      String name =
          switch (spec.etcd()) {
            case EffectiveSpec.EtcdPlan.Members own -> spec.names().etcdMember(members.size());
            case EffectiveSpec.EtcdPlan.External external -> URI.create(endpoint).getAuthority();
          };
      members.add(new EtcdTarget.Member(name, endpoint));
    }
    Optional<Tuning> tuning = paused ? Optional.empty() : Optional.of(spec.tuning());
    return etcds.follow(id, new EtcdTarget(members, spec.etcd().prefix()), tuning);
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

  private Observed observe(
      AetherFlowCluster cluster,
      Context<AetherFlowCluster> context,
      EffectiveSpec spec,
      ObjectApplier applier,
      EtcdFacts facts,
      boolean paused) {
    Map<String, Deployment> deployments = new HashMap<>();
    Optional<StatefulSet> etcdSet = Optional.empty();
    for (var object : applier.live()) {
      if (object instanceof Deployment deployment) {
        deployments.put(deployment.getMetadata().getLabels().get(Labels.COMPONENT), deployment);
      } else if (object instanceof StatefulSet set) {
        etcdSet = Optional.of(set);
      }
    }
    List<Pod> pods = context.getSecondaryResourcesAsStream(Pod.class).toList();
    return new Observed(
        cluster,
        spec,
        deployments,
        etcdSet,
        pods,
        facts,
        paused,
        applier.differing(),
        clock.instant());
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
