package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/** Mutual TLS of etcd: of its clients and between its members. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.secretName) || !(has(self.certificateHours) || has(self.authorityHours))",
    message =
        "spec.etcd.tls.secretName brings certificates of its own: remove certificateHours and"
            + " authorityHours")
public record EtcdTlsSpec(
    @JsonPropertyDescription(
            "Mutual, or Disabled for plain HTTP. Cannot change once it is written.")
        @Default("Mutual")
        EtcdTlsMode mode,
    @JsonPropertyDescription(
            "A Secret with certificates made elsewhere, instead of the operator's own: ca.crt,"
                + " client.crt and client.key, and for own members also server.crt, server.key,"
                + " peer.crt and peer.key. Cannot change for own members.")
        String secretName,
    @JsonPropertyDescription(
            "Lifetime of server, peer and client certificates; renewed after two thirds. Default"
                + " 2160 (90 days).")
        @Min(1)
        @Max(87600)
        Integer certificateHours,
    @JsonPropertyDescription(
            "Lifetime of the authority that signs them; renewed after two thirds. Default 87600"
                + " (10 years).")
        @Min(3)
        @Max(262800)
        Integer authorityHours) {}
