package io.aetherflow.operator.model;

import io.aetherflow.operator.certificates.EtcdPki;
import java.util.Optional;

/**
 * The certificates that etcd has now.
 *
 * @param own those that the operator makes; absent when it makes none
 * @param trustId names the newest authority; a member that started with another one is restarted
 */
public record EtcdCertificates(Optional<EtcdPki> own, String trustId) {

  /** Without TLS, or before there are any. */
  public static final EtcdCertificates NONE = new EtcdCertificates(Optional.empty(), "");

  public static EtcdCertificates of(EtcdPki pki) {
    return new EtcdCertificates(Optional.of(pki), pki.trustId());
  }
}
