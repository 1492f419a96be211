package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/** Reed-Solomon parity. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FecSpec(
    @JsonPropertyDescription(
            "Adaptive: as little parity as the measured loss needs, capped by ratioPercent. Fixed:"
                + " always ratioPercent. Disabled: retransmission only.")
        @Default("Adaptive")
        FecStrategy mode,
    @JsonPropertyDescription("Source packets of a full group.") @Default("10") @Min(1) @Max(64)
        Integer groupSize,
    @JsonPropertyDescription("Parity per source packet, in percent.")
        @Default("30")
        @Min(0)
        @Max(100)
        Integer ratioPercent,
    @JsonPropertyDescription("How long an open group waits for its next packet, in milliseconds.")
        @Default("4")
        @Min(1)
        @Max(100)
        Integer flushMillis) {}
