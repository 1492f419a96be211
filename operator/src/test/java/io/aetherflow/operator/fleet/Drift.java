package io.aetherflow.operator.fleet;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One way in which somebody spoils an object of the operator's: an edit, or without one its
 * deletion.
 */
record Drift<T extends HasMetadata>(
    Class<T> type, String name, String what, Optional<Function<T, T>> edit) {

  /** Of a cluster of this name with an autoscaled session service and monitoring. */
  static List<Drift<?>> all(String cluster) {
    String prefix = cluster + "-";
    return List.of(
        edit(Deployment.class, prefix + "api-gateway", "image", Drift::otherImage),
        deleted(Secret.class, prefix + "jwt-secret"),
        edit(Deployment.class, prefix + "statesync-service", "replicas", Drift::sevenReplicas),
        deleted(Service.class, prefix + "session-service-svc"),
        edit(ConfigMap.class, prefix + "quantum-config", "data", Drift::emptied),
        edit(HorizontalPodAutoscaler.class, prefix + "session-service-hpa", "max", Drift::unbound),
        deleted(PodDisruptionBudget.class, prefix + "api-gateway"),
        edit(Deployment.class, prefix + "session-service", "environment", Drift::otherValue),
        edit(NetworkPolicy.class, prefix + "quantum-protocol-policy", "rules", Drift::opened),
        deleted(Secret.class, prefix + "grafana-admin"),
        edit(Service.class, prefix + "api-gateway-svc", "labels", Drift::unlabelled),
        deleted(HorizontalPodAutoscaler.class, prefix + "session-service-hpa"),
        edit(ConfigMap.class, prefix + "grafana-dashboards", "owner", Drift::disowned),
        deleted(Deployment.class, prefix + "api-gateway"),
        deleted(ConfigMap.class, prefix + "quantum-config"));
  }

  private static <T extends HasMetadata> Drift<T> edit(
      Class<T> type, String name, String what, Function<T, T> edit) {
    return new Drift<>(type, name, what, Optional.of(edit));
  }

  private static <T extends HasMetadata> Drift<T> deleted(Class<T> type, String name) {
    return new Drift<>(type, name, "deletion", Optional.empty());
  }

  void happen(KubernetesClient client, String namespace) {
    Resource<T> object = client.resources(type).inNamespace(namespace).withName(name);
    edit.ifPresentOrElse(change -> apply(change, object), object::delete);
  }

  /** Again when another was faster. */
  private void apply(Function<T, T> change, Resource<T> object) {
    while (true) {
      try {
        object.edit(change::apply);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw e;
        }
      }
    }
  }

  @Override
  public String toString() {
    return what + " of " + type.getSimpleName() + " " + name;
  }

  private static Deployment otherImage(Deployment live) {
    return new DeploymentBuilder(live)
        .editSpec()
        .editTemplate()
        .editSpec()
        .editFirstContainer()
        .withImage("registry.example/other:9")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Deployment sevenReplicas(Deployment live) {
    return new DeploymentBuilder(live).editSpec().withReplicas(7).endSpec().build();
  }

  private static Deployment otherValue(Deployment live) {
    return new DeploymentBuilder(live)
        .editSpec()
        .editTemplate()
        .editSpec()
        .editFirstContainer()
        .editMatchingEnv(env -> "JAVA_TOOL_OPTIONS".equals(env.getName()))
        .withValue("-Xmx1g")
        .endEnv()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static ConfigMap emptied(ConfigMap live) {
    ConfigMap emptied = new ConfigMapBuilder(live).build();
    emptied.getData().replaceAll((key, value) -> "");
    return emptied;
  }

  private static HorizontalPodAutoscaler unbound(HorizontalPodAutoscaler live) {
    return new HorizontalPodAutoscalerBuilder(live)
        .editSpec()
        .withMaxReplicas(99)
        .endSpec()
        .build();
  }

  private static NetworkPolicy opened(NetworkPolicy live) {
    return new NetworkPolicyBuilder(live).editSpec().withIngress(List.of()).endSpec().build();
  }

  /** It is no longer among the objects that the operator asks for. */
  private static Service unlabelled(Service live) {
    return new ServiceBuilder(live)
        .editMetadata()
        .removeFromLabels("app.kubernetes.io/managed-by")
        .endMetadata()
        .build();
  }

  /** Nothing leads from it to its cluster any more. */
  private static ConfigMap disowned(ConfigMap live) {
    return new ConfigMapBuilder(live)
        .editMetadata()
        .withOwnerReferences(List.of())
        .endMetadata()
        .build();
  }
}
