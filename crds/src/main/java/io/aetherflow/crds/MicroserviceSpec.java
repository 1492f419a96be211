package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;

/** A microservice of the user's own. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!(has(self.replicas) && has(self.autoscaling))",
    message = "give either replicas or autoscaling: the autoscaler owns the number of replicas")
public record MicroserviceSpec(
    @JsonPropertyDescription("Name; the Deployment is called <cluster>-<name>.")
        @Required
        @Size(min = 1, max = 40)
        @Pattern("^[a-z]([-a-z0-9]*[a-z0-9])?$")
        String name,
    @JsonPropertyDescription("Image in full.") @Required @Size(min = 1, max = 512) String image,
    @JsonPropertyDescription("Port it serves, UDP and TCP.") @Required @Min(1) @Max(65535)
        Integer port,
    @JsonPropertyDescription("Pods. Default 3, or 2 with profile Development.") @Min(0) @Max(100)
        Integer replicas,
    @JsonPropertyDescription("Let a HorizontalPodAutoscaler choose the number of pods.")
        AutoscalingSpec autoscaling,
    @JsonPropertyDescription(
            "It embeds AetherFlow's runtime and confirms tuning; its pods then count in TUNED.")
        @Default("false")
        Boolean tuning,
    @JsonPropertyDescription("Further environment of its container.") List<EnvVar> env,
    @JsonPropertyDescription("Requests and limits of a pod. Default by profile.")
        ResourceRequirements resources) {}
