package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.certificates.Credential;
import io.aetherflow.operator.certificates.Pem;
import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.etcd.EtcdIdentity;
import io.aetherflow.operator.model.CertificateSecrets;
import io.aetherflow.operator.model.EtcdCertificates;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Certificates that somebody else makes and renews, read from his Secret. Pure. */
final class GivenCertificates {
  /** How often the Secret is read; it carries no label by which to watch it. */
  static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  private GivenCertificates() {}

  /**
   * @param ownMembers whether members of our own need their part of it
   */
  static HeldCertificates of(
      String name, Optional<Secret> secret, boolean ownMembers, Instant now) {
    Optional<Instant> again = Optional.of(now.plus(LOOK_EVERY));
    List<String> wanted = new ArrayList<>(List.of(CertificateSecrets.TRUST_KEY));
    for (Role role : ownMembers ? Role.values() : new Role[] {Role.CLIENT}) {
      wanted.add(role.certificateKey());
      wanted.add(role.privateKeyKey());
    }
    if (secret.isEmpty()) {
      return HeldCertificates.without(
          Verdict.no(
              "SecretMissing",
              "Secret " + name + " is missing; it must hold " + String.join(", ", wanted)),
          again);
    }
    Map<String, String> data = CertificateSecrets.data(secret);
    List<String> missing = wanted.stream().filter(key -> !data.containsKey(key)).toList();
    if (!missing.isEmpty()) {
      return HeldCertificates.without(
          Verdict.no("SecretInvalid", "Secret " + name + " lacks " + String.join(", ", missing)),
          again);
    }
    try {
      return read(name, data, wanted, again, now);
    } catch (IllegalArgumentException e) {
      return HeldCertificates.without(
          Verdict.no("SecretInvalid", "Secret " + name + ": " + e.getMessage()), again);
    }
  }

  private static HeldCertificates read(
      String name,
      Map<String, String> data,
      List<String> wanted,
      Optional<Instant> again,
      Instant now) {
    String trust = data.get(CertificateSecrets.TRUST_KEY);
    Credential client =
        new Credential(
            data.get(Role.CLIENT.certificateKey()), data.get(Role.CLIENT.privateKeyKey()));
    Pem.privateKey(client.keyPem());
    List<X509Certificate> leaves =
        wanted.stream()
            .filter(key -> key.endsWith(".crt") && !key.equals(CertificateSecrets.TRUST_KEY))
            .flatMap(key -> Pem.certificates(data.get(key)).stream())
            .toList();
    Instant end = end(leaves.stream());
    return new HeldCertificates(
        new EtcdCertificates(Optional.empty(), Pem.fingerprint(trust)),
        Optional.of(new EtcdIdentity(trust, client)),
        verdict(name, begin(leaves), end, now),
        Optional.of(end),
        Optional.of(end(Pem.certificates(trust).stream())),
        again);
  }

  private static Verdict verdict(String name, Instant begin, Instant end, Instant now) {
    if (now.isBefore(begin)) {
      return Verdict.no(
          "NotYetValid", "a certificate of Secret " + name + " is valid only from " + begin);
    }
    return now.isBefore(end)
        ? Verdict.yes(
            "Given",
            "the certificates of Secret "
                + name
                + " are valid until "
                + end
                + "; who made them renews them")
        : Verdict.no("Expired", "a certificate of Secret " + name + " ended at " + end);
  }

  private static Instant begin(List<X509Certificate> chain) {
    return chain.stream()
        .map(each -> each.getNotBefore().toInstant())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static Instant end(Stream<X509Certificate> chain) {
    return chain
        .map(each -> each.getNotAfter().toInstant())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }
}
