package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** Pods of one part of the data plane. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ComponentStatus(
    @JsonPropertyDescription("Name as in discovery, for example session-service.") @Required
        String name,
    @JsonPropertyDescription("Pods wanted.") Integer desired,
    @JsonPropertyDescription("Pods that are ready and run the wanted template.") Integer ready) {}
