package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.model.PrometheusOperatorModel;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Informers on everything a cluster consists of, limited by label to our own objects. */
final class Secondaries {
  static final List<Class<? extends HasMetadata>> OWNED =
      List.of(
          ConfigMap.class,
          Secret.class,
          Service.class,
          StatefulSet.class,
          Deployment.class,
          PodDisruptionBudget.class,
          HorizontalPodAutoscaler.class,
          NetworkPolicy.class,
          PersistentVolumeClaim.class,
          ServiceAccount.class,
          Role.class,
          RoleBinding.class);

  static final List<String> OPTIONAL =
      List.of(PrometheusOperatorModel.SERVICE_MONITOR, PrometheusOperatorModel.PROMETHEUS_RULE);

  /** By kind. */
  private final Map<String, InformerEventSource<? extends HasMetadata, AetherFlowCluster>> sources =
      new ConcurrentHashMap<>();

  private final Matches matches = new Matches();

  /** What is known to be as desired. */
  Matches matches() {
    return matches;
  }

  /** Builds the informers; called once, before the controller starts. */
  List<EventSource<?, AetherFlowCluster>> prepare(EventSourceContext<AetherFlowCluster> context) {
    OWNED.forEach(type -> sources.put(HasMetadata.getKind(type), owned(type, context)));
    List<EventSource<?, AetherFlowCluster>> all = new ArrayList<>(sources.values());
    all.add(pods(context));
    return all;
  }

  /** Also follows ServiceMonitors and rules; only where their API is served. */
  synchronized void followMonitors(Context<AetherFlowCluster> context) {
    var retriever = context.eventSourceRetriever();
    for (String kind : OPTIONAL) {
      if (!sources.containsKey(kind)) {
        var source = monitors(kind, retriever.eventSourceContextForDynamicRegistration());
        retriever.dynamicallyRegisterEventSource(source);
        sources.put(kind, source);
      }
    }
  }

  private static InformerEventSource<GenericKubernetesResource, AetherFlowCluster> monitors(
      String kind, EventSourceContext<AetherFlowCluster> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(
                GroupVersionKind.fromString(PrometheusOperatorModel.API_VERSION + "/" + kind),
                AetherFlowCluster.class)
            .withName(kind)
            .withLabelSelector(Labels.MANAGED_BY + "=" + Labels.MANAGER)
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(AetherFlowCluster.class))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  private static <R extends HasMetadata> InformerEventSource<R, AetherFlowCluster> owned(
      Class<R> type, EventSourceContext<AetherFlowCluster> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(type, AetherFlowCluster.class)
            .withName(type.getSimpleName())
            .withLabelSelector(Labels.MANAGED_BY + "=" + Labels.MANAGER)
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(AetherFlowCluster.class))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  /** Pods belong to their Deployments, so the label tells whose they are. */
  private static InformerEventSource<Pod, AetherFlowCluster> pods(
      EventSourceContext<AetherFlowCluster> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Pod.class, AetherFlowCluster.class)
            .withName(Pod.class.getSimpleName())
            .withLabelSelector(Labels.CLUSTER)
            .withOnUpdateFilter(PodNews::isNews)
            .withSecondaryToPrimaryMapper(pod ->
                Set.of(
                    new ResourceID(
                        pod.getMetadata().getLabels().get(Labels.CLUSTER),
                        pod.getMetadata().getNamespace())))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  /** The live object of this kind and name, if the informer has seen it. */
  Optional<HasMetadata> find(HasMetadata desired) {
    return source(desired).get(ResourceID.fromResource(desired)).map(HasMetadata.class::cast);
  }

  /** Puts an object just written into the cache, so that the next look sees it. */
  void remember(HasMetadata written, Optional<HasMetadata> before) {
    ResourceID id = ResourceID.fromResource(written);
    if (before.isPresent()) {
      source(written).handleRecentResourceUpdate(id, written, before.get());
    } else {
      source(written).handleRecentResourceCreate(id, written);
    }
  }

  List<HasMetadata> all(Context<AetherFlowCluster> context) {
    List<HasMetadata> all = new ArrayList<>();
    OWNED.forEach(type -> all.addAll(context.getSecondaryResources(type)));
    if (sources.containsKey(OPTIONAL.getFirst())) {
      all.addAll(context.getSecondaryResources(GenericKubernetesResource.class));
    }
    return all;
  }

  /** A secret cannot be made again, the others hold data: none goes by an edit. */
  static boolean isPrunable(Class<?> type) {
    return type != Secret.class && type != StatefulSet.class && type != PersistentVolumeClaim.class;
  }

  /** The keeper of snapshots goes by an edit, and leaves its volume behind. */
  static boolean isPrunable(HasMetadata object) {
    return isPrunable(object.getClass())
        || object instanceof StatefulSet
            && Names.ETCD_BACKUP.equals(object.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  @SuppressWarnings("unchecked")
  private InformerEventSource<HasMetadata, AetherFlowCluster> source(HasMetadata object) {
    return (InformerEventSource<HasMetadata, AetherFlowCluster>) sources.get(object.getKind());
  }
}
