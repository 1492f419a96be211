package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** The cluster's own Prometheus, with mode Standalone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PrometheusSpec(
    @JsonPropertyDescription("Image in full. Default: the version tested.") String image,
    @JsonPropertyDescription("Requests and limits. Default by profile.")
        ResourceRequirements resources,
    @JsonPropertyDescription(
            "How long samples are kept. The error budget of 30 days needs more than 30d.")
        @Default("35d")
        @Pattern("^[0-9]+(h|d|w|y)$")
        String retention,
    @JsonPropertyDescription(
            "Seconds between two readings of a pod, and between two evaluations of the rules.")
        @Default("15")
        @Min(1)
        @Max(60)
        Integer scrapeIntervalSeconds,
    @JsonPropertyDescription("Volume of the samples. Default: none, they go with the pod.")
        MonitoringStorageSpec storage) {}
