package io.aetherflow.operator.certificates;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides what is due and makes it. An authority changes in two steps, so that at no time somebody
 * meets a certificate whose authority he does not know: first everybody learns to trust the next
 * one besides the present one, then it signs new leaves. An authority is trusted until it ends.
 */
public final class Renewal {
  /** So that wishes in quick succession cannot fill the Secret. */
  static final int TRUST_MAX = 8;

  private final CertificateRequest request;
  private final Instant now;
  private final Issuer issuer;

  private Optional<Credential> authority;
  private Optional<Credential> next;
  private final Set<String> trust;
  private final Map<Role, Credential> leaves;
  private final String renewedLeaves;
  private final String renewedAuthority;

  private Renewal(EtcdPki seen, CertificateRequest request, Instant now, Issuer issuer) {
    this.request = request;
    this.now = now;
    this.issuer = issuer;
    this.authority = seen.authority();
    this.next = seen.next();
    this.trust = new LinkedHashSet<>(seen.trust());
    this.leaves = new EnumMap<>(Role.class);
    this.leaves.putAll(seen.leaves());
    this.renewedLeaves = seen.renewedLeaves();
    this.renewedAuthority = seen.renewedAuthority();
  }

  /**
   * The certificates as they are to be now; the same object when nothing is due.
   *
   * @param everybodyTrustsNext whether all members started with {@code seen}'s newest authority,
   *     and all other pods that meet its certificates have read it
   */
  public static EtcdPki of(
      EtcdPki seen,
      CertificateRequest request,
      boolean everybodyTrustsNext,
      Instant now,
      Issuer issuer) {
    EtcdPki due = new Renewal(seen, request, now, issuer).run(everybodyTrustsNext);
    return due.equals(seen) ? seen : due;
  }

  private EtcdPki run(boolean everybodyTrustsNext) {
    boolean serving =
        leaves.size() == Role.values().length && leaves.values().stream().allMatch(this::lives);
    if (authorityIsDue() && next.isEmpty()) {
      next = Optional.of(issuer.authority(request, now));
    }
    // Without a valid leaf there is no working etcd left that an early change could cut off.
    if (next.isPresent() && (everybodyTrustsNext && trusts(next.get()) || !serving)) {
      authority = next;
      next = Optional.empty();
    }
    authority.ifPresent(this::issueLeaves);
    updateTrust();
    return new EtcdPki(
        authority,
        next,
        List.copyOf(trust),
        leaves,
        request.renewLeaves(),
        request.renewAuthority());
  }

  private boolean trusts(Credential credential) {
    return trust.contains(credential.certificatePem());
  }

  private boolean authorityIsDue() {
    boolean asked =
        !request.renewAuthority().isEmpty() && !request.renewAuthority().equals(renewedAuthority);
    return asked && authority.isPresent()
        || authority.isEmpty()
        || isDue(authority.get().certificate());
  }

  private boolean isDue(X509Certificate certificate) {
    return !now.isBefore(EtcdPki.renewalOf(certificate));
  }

  private boolean lives(Credential credential) {
    return now.isBefore(credential.certificate().getNotAfter().toInstant());
  }

  private void issueLeaves(Credential signer) {
    boolean asked =
        !request.renewLeaves().isEmpty() && !request.renewLeaves().equals(renewedLeaves);
    for (Role role : Role.values()) {
      Credential present = leaves.get(role);
      if (asked
          || present == null
          || !fits(present, signer, role)
          || isDue(present.certificate())) {
        leaves.put(role, issuer.leaf(signer, request, role, now));
      }
    }
  }

  private boolean fits(Credential leaf, Credential signer, Role role) {
    X509Certificate certificate = leaf.certificate();
    try {
      certificate.verify(signer.certificate().getPublicKey());
    } catch (java.security.GeneralSecurityException e) {
      return false;
    }
    Set<String> wanted = new TreeSet<>(role.hosts(request));
    wanted.addAll(role.addresses());
    return names(certificate).equals(wanted);
  }

  private static Set<String> names(X509Certificate certificate) {
    Set<String> names = new TreeSet<>();
    try {
      if (certificate.getSubjectAlternativeNames() != null) {
        certificate.getSubjectAlternativeNames().forEach(each -> names.add(each.get(1).toString()));
      }
    } catch (CertificateParsingException e) {
      // Not ours: made anew.
    }
    return names;
  }

  private void updateTrust() {
    authority.map(Credential::certificatePem).ifPresent(trust::add);
    // Last, for the newest names the state of the members.
    next.map(Credential::certificatePem).ifPresent(trust::add);
    trust.removeIf(pem -> !isNeeded(pem) && !now.isBefore(end(pem)));
    List<String> extra = new ArrayList<>(trust);
    for (int i = 0; trust.size() > TRUST_MAX && i < extra.size(); i++) {
      if (!isNeeded(extra.get(i))) {
        trust.remove(extra.get(i));
      }
    }
  }

  private boolean isNeeded(String pem) {
    return authority.filter(each -> each.certificatePem().equals(pem)).isPresent()
        || next.filter(each -> each.certificatePem().equals(pem)).isPresent();
  }

  private static Instant end(String pem) {
    return Pem.certificates(pem).getFirst().getNotAfter().toInstant();
  }
}
