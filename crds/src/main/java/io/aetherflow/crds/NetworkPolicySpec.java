package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** NetworkPolicies around the cluster's pods. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkPolicySpec(
    @JsonPropertyDescription("Disabled or Enforced.") @Default("Disabled")
        NetworkPolicyMode mode) {}
