package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** The etcd members, as asked one by one. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EtcdStatus(
    @JsonPropertyDescription("Members wanted.") Integer desired,
    @JsonPropertyDescription("Members that are healthy.") Integer ready,
    @JsonPropertyDescription("Name of the leader.") String leader,
    @JsonPropertyDescription("Each member.") List<EtcdMemberStatus> members,
    @JsonPropertyDescription("The snapshots; absent when none are taken.") EtcdBackupStatus backup,
    @JsonPropertyDescription(
            "What the operator does about the size of the members' databases; absent when nothing.")
        String upkeep,
    @JsonPropertyDescription("When the first certificate ends; absent without TLS.")
        String certificateNotAfter,
    @JsonPropertyDescription("When the authority that signs them ends.")
        String authorityNotAfter) {}
