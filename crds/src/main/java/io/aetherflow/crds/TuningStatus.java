package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** How far a tuning has reached. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TuningStatus(
    @JsonPropertyDescription("etcd mod revision of the published tuning.") Long revision,
    @JsonPropertyDescription("Live pods that confirmed it.") Integer appliedPods,
    @JsonPropertyDescription("Live pods.") Integer totalPods,
    @JsonPropertyDescription("Live pods that have not confirmed it, at most 10.")
        List<String> pending,
    @JsonPropertyDescription("What pods refused and why, at most 10.") List<String> rejected) {}
