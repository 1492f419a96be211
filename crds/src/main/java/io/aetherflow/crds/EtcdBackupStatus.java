package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The snapshots of etcd, as their keeper told last. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EtcdBackupStatus(
    @JsonPropertyDescription("Volume claim that holds the snapshots.") String claimName,
    @JsonPropertyDescription("Name of the newest snapshot that was verified.") String lastSnapshot,
    @JsonPropertyDescription("When it was taken.") String takenAt,
    @JsonPropertyDescription("Its size in bytes.") Long sizeBytes,
    @JsonPropertyDescription("Snapshots kept.") Integer kept,
    @JsonPropertyDescription("Why the last attempt failed; absent when it did not.")
        String problem) {}
