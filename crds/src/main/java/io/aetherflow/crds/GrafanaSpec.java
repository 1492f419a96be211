package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** The cluster's own Grafana, with mode Standalone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GrafanaSpec(
    @JsonPropertyDescription("Whether there is one.") @Default("true") Boolean enabled,
    @JsonPropertyDescription("Image in full. Default: the version tested.") String image,
    @JsonPropertyDescription("Requests and limits. Default by profile.")
        ResourceRequirements resources,
    @JsonPropertyDescription(
            "Secret in the cluster's namespace with the keys admin-user and admin-password."
                + " Default: one with a random password, made once.")
        String adminSecret,
    @JsonPropertyDescription(
            "Volume of what people change in Grafana. Default: none, it goes with the pod.")
        MonitoringStorageSpec storage) {}
