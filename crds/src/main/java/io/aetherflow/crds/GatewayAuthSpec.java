package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Whose tokens the gateways take, besides those signed with the cluster's own secret. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.jwksUrl) || self.jwksUrl.matches('" + HttpUrl.PATTERN + "')",
    message =
        "spec.gateway.auth.jwksUrl must be an http or https URL, for example"
            + " https://login.example.com/.well-known/jwks.json")
@ValidationRule(
    value = "!has(self.issuer) || has(self.jwksUrl)",
    message =
        "spec.gateway.auth.issuer is compared in tokens that a key of jwksUrl signed: give jwksUrl"
            + " too")
public record GatewayAuthSpec(
    @JsonPropertyDescription(
            "Where an issuer publishes the public keys (JWKS) of its RS256 and ES256 tokens. Keys"
                + " may change without an edit here. Give https unless the way there is trusted:"
                + " who can forge the answer can forge tokens.")
        @Size(min = 1, max = HttpUrl.CHARS_MAX)
        String jwksUrl,
    @JsonPropertyDescription(
            "What the claim iss of such a token must equal. Without it any is taken.")
        @Size(min = 1, max = HttpUrl.CHARS_MAX)
        String issuer,
    @JsonPropertyDescription(
            "What the claim aud of every token must contain, also of those signed with the"
                + " cluster's secret. Default aetherflow.")
        @Size(min = 1, max = HttpUrl.CHARS_MAX)
        String audience) {}
