package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** Own etcd members, or somebody else's etcd. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.replicas) || self.replicas in [1, 3, 5]",
    message = "spec.etcd.replicas must be 1, 3 or 5: an even number adds no fault tolerance")
@ValidationRule(
    value = "!has(self.external) || !has(self.tls) || has(self.tls.secretName)",
    message =
        "spec.etcd.external: the operator makes no certificates for it; name a Secret in"
            + " spec.etcd.tls.secretName or remove spec.etcd.tls")
@ValidationRule(
    value =
        "!has(self.external) || !(has(self.replicas) || has(self.storage) || has(self.image) ||"
            + " has(self.resources) || has(self.backup) || has(self.restore))",
    message =
        "spec.etcd.external uses an existing etcd: remove replicas, storage, image, resources,"
            + " backup and restore")
@ValidationRule(
    value =
        "!has(self.restore) || !has(self.storage) || !has(self.storage.ephemeral) ||"
            + " !self.storage.ephemeral",
    message = "spec.etcd.restore needs a volume: remove spec.etcd.storage.ephemeral")
public record EtcdSpec(
    @JsonPropertyDescription("Members: 1, 3 or 5. Default 3.") @Min(1) @Max(5) Integer replicas,
    @JsonPropertyDescription("Image in full. Default quay.io/coreos/etcd of the version tested.")
        String image,
    @JsonPropertyDescription("Requests and limits of a member. Default by profile.")
        ResourceRequirements resources,
    @JsonPropertyDescription("Volume of a member.") EtcdStorageSpec storage,
    @JsonPropertyDescription("Use an existing etcd instead.") ExternalEtcdSpec external,
    @JsonPropertyDescription("Take snapshots. Default: none are taken.") EtcdBackupSpec backup,
    @JsonPropertyDescription("Begin with a snapshot instead of nothing.") EtcdRestoreSpec restore,
    @JsonPropertyDescription(
            "Mutual TLS. Own members have it unless it is disabled; an external etcd has it with a"
                + " secretName.")
        EtcdTlsSpec tls) {}
