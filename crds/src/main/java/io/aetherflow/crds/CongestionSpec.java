package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/** BBR's two knobs. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CongestionSpec(
    @JsonPropertyDescription("Pacing gain of the startup phase, in percent.")
        @Default("277")
        @Min(150)
        @Max(400)
        Integer startupGainPercent,
    @JsonPropertyDescription("Limit of the congestion window, in packets.")
        @Default("65536")
        @Min(4)
        @Max(1048576)
        Integer maxCwndPackets) {}
