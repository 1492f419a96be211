package io.aetherflow.operator.certificates;

import io.aetherflow.api.EtcdTrust;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that a cluster's etcd has in certificates. Text only, as it stands in the Secrets.
 *
 * @param authority signs; absent when there is none yet or its key was lost
 * @param next signs as soon as everybody who meets its certificates trusts it
 * @param trust authorities to trust, oldest first, without doubles
 * @param leaves by role
 * @param renewedLeaves the last wish for new leaves that was met
 * @param renewedAuthority the last wish for a new authority that was met
 */
public record EtcdPki(
    Optional<Credential> authority,
    Optional<Credential> next,
    List<String> trust,
    Map<Role, Credential> leaves,
    String renewedLeaves,
    String renewedAuthority) {

  /** Before anything was made. */
  public static final EtcdPki NONE =
      new EtcdPki(Optional.empty(), Optional.empty(), List.of(), Map.of(), "", "");

  public EtcdPki {
    trust = List.copyOf(trust);
    leaves = Map.copyOf(leaves);
  }

  /** Whether pods can start with it. */
  public boolean isComplete() {
    return !trust.isEmpty() && leaves.keySet().containsAll(List.of(Role.values()));
  }

  /** The authorities to trust, one after the other. */
  public String trustPem() {
    return String.join("", trust);
  }

  /**
   * Names the newest authority. Members read the authorities once, at their start, so this tells
   * which of them have to start anew; an old authority that is dropped asks for nothing.
   */
  public String trustId() {
    return EtcdTrust.id(trustPem());
  }

  /** When the first leaf ends. */
  public Optional<Instant> leavesEnd() {
    return leaves.values().stream().map(EtcdPki::end).min(Comparator.naturalOrder());
  }

  /** When the authority that signs ends; the newest one that is trusted while none can sign. */
  public Optional<Instant> authorityEnd() {
    return Stream.concat(
            authority.map(Credential::certificatePem).stream(), trust.reversed().stream())
        .findFirst()
        .map(pem -> Pem.certificates(pem).getFirst().getNotAfter().toInstant());
  }

  private static Instant end(Credential credential) {
    return credential.certificate().getNotAfter().toInstant();
  }

  /** When a certificate is to be renewed: after two thirds of its life. */
  static Instant renewalOf(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    return from.plus(java.time.Duration.between(from, until).multipliedBy(2).dividedBy(3));
  }

  /** When the first leaf or the authority is to be renewed. */
  public Optional<Instant> renewal() {
    return Stream.concat(leaves.values().stream(), authority.stream())
        .map(credential -> renewalOf(credential.certificate()))
        .min(Comparator.naturalOrder());
  }
}
