package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Port 443 of the gateways. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GatewayTlsSpec(
    @JsonPropertyDescription(
            "Secret of type kubernetes.io/tls in the cluster's namespace: tls.crt, the certificate"
                + " and those that signed it, and tls.key. Port 443 is offered once it is there; a"
                + " change reaches running gateways, and open connections stay.")
        @Required
        @Size(min = 1, max = 253)
        String secretName) {}
