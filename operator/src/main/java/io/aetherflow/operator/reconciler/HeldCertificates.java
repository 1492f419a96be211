package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.etcd.EtcdIdentity;
import io.aetherflow.operator.model.EtcdCertificates;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The certificates of one cluster's etcd at one moment.
 *
 * @param certificates for the objects
 * @param identity for the operator itself, absent without TLS or while there is none
 * @param verdict of the condition
 * @param leavesEnd when the first certificate ends
 * @param authorityEnd when their authority ends
 * @param lookAgainAt when something is due or may have changed unseen
 */
record HeldCertificates(
    EtcdCertificates certificates,
    Optional<EtcdIdentity> identity,
    Verdict verdict,
    Optional<Instant> leavesEnd,
    Optional<Instant> authorityEnd,
    Optional<Instant> lookAgainAt) {

  static HeldCertificates none(String why) {
    return without(Verdict.yes("NotRequired", why), Optional.empty());
  }

  static HeldCertificates without(Verdict verdict, Optional<Instant> lookAgainAt) {
    return new HeldCertificates(
        EtcdCertificates.NONE,
        Optional.empty(),
        verdict,
        Optional.empty(),
        Optional.empty(),
        lookAgainAt);
  }

  /** How often pods are looked at that tell nothing of themselves. */
  private static final Duration LOOK_WHILE_CHANGING = Duration.ofSeconds(30);

  /**
   * Those that the operator makes.
   *
   * @param waitsFor who does not know a new authority yet
   */
  static HeldCertificates own(
      EtcdPki pki, EtcdIdentity identity, List<String> waitsFor, Instant now) {
    Instant end = pki.leavesEnd().orElseThrow();
    Instant renewal = pki.renewal().orElse(end);
    return new HeldCertificates(
        EtcdCertificates.of(pki),
        Optional.of(identity),
        ownVerdict(pki, end, renewal, waitsFor, now),
        Optional.of(end),
        pki.authorityEnd(),
        Optional.of(pki.next().isPresent() ? now.plus(LOOK_WHILE_CHANGING) : renewal));
  }

  private static Verdict ownVerdict(
      EtcdPki pki, Instant end, Instant renewal, List<String> waitsFor, Instant now) {
    if (!now.isBefore(end)) {
      return Verdict.no("Expired", "a certificate of etcd ended at " + end);
    }
    String valid = "etcd's certificates are valid until " + end;
    String authority =
        pki.authorityEnd().map(until -> "; their authority until " + until).orElse("");
    if (pki.next().isPresent()) {
      return Verdict.yes(
          "AuthorityChanging",
          valid
              + "; a new authority signs as soon as every pod that meets etcd knows it"
              + (waitsFor.isEmpty() ? "" : "; waiting for " + String.join(", ", waitsFor)));
    }
    return Verdict.yes("Issued", valid + ", renewed from " + renewal + authority);
  }
}
