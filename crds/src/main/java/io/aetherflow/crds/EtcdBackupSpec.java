package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** Snapshots of etcd on a volume of their own. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "has(self.storageClassName) == has(oldSelf.storageClassName) &&"
            + " (!has(self.storageClassName) || self.storageClassName =="
            + " oldSelf.storageClassName)",
    message = "spec.etcd.backup.storageClassName cannot change: the volume exists already")
public record EtcdBackupSpec(
    @JsonPropertyDescription("Time between two snapshots, for example 30m, 6h or 1d.")
        @Default("6h")
        @Pattern("^[1-9][0-9]{0,4}[smhd]$")
        String interval,
    @JsonPropertyDescription("Snapshots kept; an older one goes when a newer one is verified.")
        @Default("7")
        @Min(1)
        @Max(100)
        Integer retention,
    @JsonPropertyDescription(
            "Size of the volume. Default 50Gi, or 1Gi with profile Development; it must hold one"
                + " snapshot more than are kept.")
        Quantity size,
    @JsonPropertyDescription("Storage class. Default: the Kubernetes cluster's own.")
        String storageClassName) {}
