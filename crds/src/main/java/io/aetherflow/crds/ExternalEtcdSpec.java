package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** An etcd that others run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExternalEtcdSpec(
    @JsonPropertyDescription("Client addresses, for example http://etcd.infra:2379.")
        @Required
        @Size(min = 1, max = 9)
        List<String> endpoints,
    @JsonPropertyDescription(
            "Put before every key, so that several clusters can share one etcd, for example"
                + " /clusters/demo.")
        @Pattern("^(/[A-Za-z0-9._-]+)+$")
        String prefix) {}
