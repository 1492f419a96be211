package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Text for the columns of kubectl, which cannot put two fields together. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DisplayStatus(
    @JsonPropertyDescription("For example 3/3.") String etcd,
    @JsonPropertyDescription("For example 2/2.") String gateway,
    @JsonPropertyDescription("For example 2/2.") String session,
    @JsonPropertyDescription("For example 2/2.") String stateSync,
    @JsonPropertyDescription("Ratio, for example 30%.") String fec,
    @JsonPropertyDescription("Limit in packets.") String cwnd,
    @JsonPropertyDescription("Pods that confirmed the tuning, for example 6/6.") String tuned,
    @JsonPropertyDescription("Version, for example 0.1.0, or 0.1.0->0.2.0 during an upgrade.")
        String version) {}
