package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** Where a member keeps its data. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "has(self.storageClassName) == has(oldSelf.storageClassName) &&"
            + " (!has(self.storageClassName) || self.storageClassName =="
            + " oldSelf.storageClassName)",
    message = "spec.etcd.storage.storageClassName cannot change: the volumes exist already")
public record EtcdStorageSpec(
    @JsonPropertyDescription("Size of the volume. Default 50Gi, or 1Gi with profile Development.")
        Quantity size,
    @JsonPropertyDescription("Storage class. Default: the Kubernetes cluster's own.")
        String storageClassName,
    @JsonPropertyDescription("Keep the data in the pod: it is lost with it.") @Default("false")
        Boolean ephemeral) {}
