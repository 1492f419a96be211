package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** Size, image, certificate and token issuer of the gateways. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!(has(self.replicas) && has(self.autoscaling))",
    message = "give either replicas or autoscaling: the autoscaler owns the number of replicas")
public record GatewaySpec(
    @JsonPropertyDescription("Image in full. Default: AetherFlow's own at spec.version.")
        String image,
    @JsonPropertyDescription("Pods. Default 3, or 2 with profile Development.") @Min(0) @Max(100)
        Integer replicas,
    @JsonPropertyDescription("Let a HorizontalPodAutoscaler choose the number of pods.")
        AutoscalingSpec autoscaling,
    @JsonPropertyDescription("Requests and limits of a pod. Default by profile.")
        ResourceRequirements resources,
    @JsonPropertyDescription("HTTPS and wss on port 443; without it only HTTP is served.")
        GatewayTlsSpec tls,
    @JsonPropertyDescription(
            "Whose tokens are taken, besides those signed with the cluster's own secret.")
        GatewayAuthSpec auth) {

  /** What it shares with the services. */
  public ComponentSpec component() {
    return new ComponentSpec(image, replicas, autoscaling, resources);
  }
}
