package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** A volume that outlives the pod. It is deleted with the resource. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "has(self.storageClassName) == has(oldSelf.storageClassName) &&"
            + " (!has(self.storageClassName) || self.storageClassName =="
            + " oldSelf.storageClassName)",
    message = "storage.storageClassName cannot change: the volume exists already")
public record MonitoringStorageSpec(
    @JsonPropertyDescription("Size of the volume, for example 20Gi.") @Required Quantity size,
    @JsonPropertyDescription("Storage class. Default: the Kubernetes cluster's own.")
        String storageClassName) {}
