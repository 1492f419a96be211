package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** Tuning of the transport; reaches running pods without a restart. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record QuantumSpec(
    @JsonPropertyDescription("Forward error correction.") @Default("{}") FecSpec fec,
    @JsonPropertyDescription("Congestion control (BBR).") @Default("{}")
        CongestionSpec congestion) {}
