package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** The snapshot that a new cluster begins with. Of no effect once the cluster has formed. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EtcdRestoreSpec(
    @JsonPropertyDescription(
            "Volume claim in this namespace with the snapshot, for example"
                + " snapshots-demo-etcd-backup-0.")
        @Required
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        String claimName,
    @JsonPropertyDescription("Name of the snapshot, for example etcd-20260131T040000Z.db.")
        @Required
        @Pattern("^[A-Za-z0-9][-A-Za-z0-9_.]*$")
        String snapshot) {}
