package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Informers on everything a cluster consists of, limited by label to our own objects. */
final class Secondaries {
  private static final List<Class<? extends HasMetadata>> OWNED =
      List.of(
          ConfigMap.class,
          Secret.class,
          Service.class,
          StatefulSet.class,
          Deployment.class,
          PodDisruptionBudget.class,
          HorizontalPodAutoscaler.class,
          NetworkPolicy.class);

  private final Map<Class<?>, InformerEventSource<? extends HasMetadata, AetherFlowCluster>>
      sources = new LinkedHashMap<>();

  /** Builds the informers; called once, before the controller starts. */
  List<EventSource<?, AetherFlowCluster>> prepare(EventSourceContext<AetherFlowCluster> context) {
    OWNED.forEach(type -> sources.put(type, owned(type, context)));
    List<EventSource<?, AetherFlowCluster>> all = new ArrayList<>(sources.values());
    all.add(pods(context));
    return all;
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
    return all;
  }

  /** A secret cannot be made again and a StatefulSet holds data: neither goes by an edit. */
  static boolean isPrunable(HasMetadata object) {
    return !(object instanceof Secret) && !(object instanceof StatefulSet);
  }

  @SuppressWarnings("unchecked")
  private InformerEventSource<HasMetadata, AetherFlowCluster> source(HasMetadata object) {
    return (InformerEventSource<HasMetadata, AetherFlowCluster>) sources.get(object.getClass());
  }
}
