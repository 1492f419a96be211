package io.aetherflow.operator.model;

import io.aetherflow.crds.GatewayAuthSpec;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whose tokens the gateways take; what is empty is the gateway's default. */
record GatewayAuth(Optional<String> jwksUrl, Optional<String> issuer, Optional<String> audience) {
  static GatewayAuth of(Optional<GatewayAuthSpec> spec) {
    return new GatewayAuth(
        spec.map(GatewayAuthSpec::jwksUrl),
        spec.map(GatewayAuthSpec::issuer),
        spec.map(GatewayAuthSpec::audience));
  }

  List<EnvVar> environment() {
    return Stream.of(
            jwksUrl.map(value -> Pods.value("GATEWAY_JWKS_URL", value)),
            issuer.map(value -> Pods.value("GATEWAY_JWT_ISSUER", value)),
            audience.map(value -> Pods.value("GATEWAY_JWT_AUDIENCE", value)))
        .flatMap(Optional::stream)
        .toList();
  }
}
