package io.aetherflow.operator.model;

import io.aetherflow.crds.EtcdSpec;
import io.aetherflow.crds.EtcdTlsMode;
import io.aetherflow.crds.EtcdTlsSpec;
import java.util.Optional;

/** Where the certificates of etcd's mutual TLS come from, if it has it. */
public sealed interface EtcdTls {

  /** Plain HTTP. */
  record None() implements EtcdTls {}

  /** Made and renewed by the operator. */
  record Own(int certificateHours, int authorityHours) implements EtcdTls {}

  /** Made by somebody else, in a Secret of the cluster's namespace. */
  record Given(String secretName) implements EtcdTls {}

  /** The scheme of own members' addresses. */
  default String scheme() {
    return this instanceof None ? "http" : "https";
  }

  static EtcdTls of(Optional<EtcdSpec> etcd) {
    Optional<EtcdTlsSpec> given = etcd.map(EtcdSpec::tls);
    Optional<String> secret = given.map(EtcdTlsSpec::secretName);
    boolean external = etcd.map(EtcdSpec::external).isPresent();
    if (given.map(EtcdTlsSpec::mode).filter(EtcdTlsMode.DISABLED::equals).isPresent()
        || external && secret.isEmpty()) {
      return new None();
    }
    return secret
        .<EtcdTls>map(Given::new)
        .orElseGet(() ->
            new Own(
                given.map(EtcdTlsSpec::certificateHours).orElse(Sizes.CERTIFICATE_HOURS),
                given.map(EtcdTlsSpec::authorityHours).orElse(Sizes.AUTHORITY_HOURS)));
  }
}
