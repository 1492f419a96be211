package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/** Bounds and targets of a HorizontalPodAutoscaler; the one that asks for most pods decides. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "self.minReplicas <= self.maxReplicas",
    message = "autoscaling.minReplicas must not be above autoscaling.maxReplicas")
public record AutoscalingSpec(
    @JsonPropertyDescription("Fewest pods.") @Default("3") @Min(1) @Max(100) Integer minReplicas,
    @JsonPropertyDescription("Most pods.") @Default("10") @Min(1) @Max(100) Integer maxReplicas,
    @JsonPropertyDescription("CPU use, in percent of the request, that the autoscaler keeps.")
        @Default("70")
        @Min(1)
        @Max(100)
        Integer targetCPUUtilizationPercentage,
    @JsonPropertyDescription(
            "Active sessions for each pod that the autoscaler keeps besides, of the gateways and the"
                + " session service alone. Needs an adapter that serves custom.metrics.k8s.io"
                + " (docs/operations.md). Default: CPU alone.")
        @Min(1)
        @Max(1000000)
        Integer targetSessionsPerPod) {}
