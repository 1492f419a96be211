package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** The cluster's own Alertmanager, with mode Standalone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AlertmanagerSpec(
    @JsonPropertyDescription("Whether there is one.") @Default("true") Boolean enabled,
    @JsonPropertyDescription("Image in full. Default: the version tested.") String image,
    @JsonPropertyDescription("Requests and limits. Default by profile.")
        ResourceRequirements resources,
    @JsonPropertyDescription(
            "Secret in the cluster's namespace whose key alertmanager.yml says who is told."
                + " Default: a configuration that tells nobody; alerts are seen in its page.")
        String configSecret) {}
