package io.aetherflow.operator.model;

import io.aetherflow.crds.AutoscalingSpec;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Optional;

/**
 * One Deployment of the data plane with every default resolved.
 *
 * @param component name in discovery and in the component label
 * @param replicas pods wanted; with autoscaling the autoscaler's minimum, never written
 * @param tuned whether its pods confirm tuning
 * @param tls of the gateway alone
 */
public record Workload(
    String component,
    String image,
    int port,
    int replicas,
    Optional<AutoscalingSpec> autoscaling,
    ResourceRequirements resources,
    List<EnvVar> env,
    boolean tuned,
    Optional<GatewayTls> tls) {

  Workload withImage(String other) {
    return new Workload(component, other, port, replicas, autoscaling, resources, env, tuned, tls);
  }

  Workload withTls(Optional<GatewayTls> other) {
    return new Workload(
        component, image, port, replicas, autoscaling, resources, env, tuned, other);
  }

  /** Ours, not the user's. */
  public boolean isBuiltIn() {
    return isGateway() || component.equals(Names.SESSION) || component.equals(Names.STATESYNC);
  }

  public boolean isGateway() {
    return component.equals(Names.GATEWAY);
  }
}
