package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** What is, as far as the operator has verified it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AetherFlowClusterStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, EtcdAvailable, EtcdBackedUp, TuningApplied, CertificatesReady,"
                + " GatewayCertificateReady, StorageApplied, Degraded, Paused, Upgraded,"
                + " MonitoringReady.")
        List<Condition> conditions,
    @JsonPropertyDescription("Version that all components ran when an upgrade was last complete.")
        String version,
    @JsonPropertyDescription("The store.") EtcdStatus etcd,
    @JsonPropertyDescription("Each part of the data plane.") List<ComponentStatus> components,
    @JsonPropertyDescription("Which tuning the running pods have confirmed.") TuningStatus tuning,
    @JsonPropertyDescription("The same as text, for columns.") DisplayStatus display) {}
