package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** One etcd member. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EtcdMemberStatus(
    @JsonPropertyDescription("Pod or endpoint.") @Required String name,
    @JsonPropertyDescription("Member id in hexadecimal.") String id,
    @JsonPropertyDescription("Whether it answers and follows a leader.") Boolean healthy,
    @JsonPropertyDescription("Whether it still copies the store and has no vote; absent if not.")
        Boolean learner) {}
