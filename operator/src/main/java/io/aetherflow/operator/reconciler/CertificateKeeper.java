package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.certificates.CertificateRequest;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Issuer;
import io.aetherflow.operator.certificates.Renewal;
import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.etcd.EtcdIdentity;
import io.aetherflow.operator.model.CertificateHosts;
import io.aetherflow.operator.model.CertificateSecrets;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import io.aetherflow.operator.model.EtcdTls;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Keeps the certificates of each cluster's etcd: makes them, renews them in time, and remembers
 * them, so that a Secret which somebody deletes comes back as it was. Thread-safe.
 */
final class CertificateKeeper {
  /** A text whose change asks for new server, peer and client certificates. */
  static final String RENEW_CERTIFICATES = "aetherflow.io/renew-etcd-certificates";

  /** A text whose change asks for a new authority. */
  static final String RENEW_AUTHORITY = "aetherflow.io/renew-etcd-authority";

  private final Clock clock;
  private final Issuer issuer;
  private final Map<ResourceID, EtcdPki> known = new ConcurrentHashMap<>();

  CertificateKeeper(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.issuer = new Issuer(random);
  }

  /**
   * The certificates as they are to be now.
   *
   * @param secrets a Secret of the cluster's namespace by name
   * @param waitsFor who does not know an authority yet, by its name and when it was made
   * @param paused whether nothing may be made
   */
  HeldCertificates hold(
      AetherFlowCluster cluster,
      EffectiveSpec spec,
      Function<String, Optional<Secret>> secrets,
      BiFunction<String, Instant, List<String>> waitsFor,
      boolean paused) {
    boolean ownMembers = spec.etcd() instanceof EtcdPlan.Members;
    return switch (spec.etcdTls()) {
      case EtcdTls.None none ->
          HeldCertificates.none(
              ownMembers
                  ? "spec.etcd.tls.mode is Disabled: etcd speaks plain HTTP"
                  : "spec.etcd.tls names no certificates for the external etcd");
      case EtcdTls.Given given ->
          GivenCertificates.of(
              given.secretName(), secrets.apply(given.secretName()), ownMembers, clock.instant());
      case EtcdTls.Own own -> own(cluster, spec, own, secrets, waitsFor, paused);
    };
  }

  private HeldCertificates own(
      AetherFlowCluster cluster,
      EffectiveSpec spec,
      EtcdTls.Own own,
      Function<String, Optional<Secret>> secrets,
      BiFunction<String, Instant, List<String>> waitsFor,
      boolean paused) {
    ResourceID id = ResourceID.fromResource(cluster);
    Optional<Secret> authority = secrets.apply(spec.names().etcdAuthority());
    Optional<Secret> leaves = secrets.apply(spec.names().etcdCertificates());
    Optional<EtcdPki> last = Optional.ofNullable(known.get(id));
    Instant now = clock.instant();
    Optional<Secret> foreign =
        Stream.concat(authority.stream(), leaves.stream())
            .filter(each -> last.isEmpty() && isForeign(each))
            .findFirst();
    if (foreign.isPresent()) {
      return foreign(foreign.get().getMetadata().getName(), now);
    }
    EtcdPki seen = recall(last, authority, leaves);
    EtcdPki pki = seen;
    List<String> ignorant =
        seen.next()
            .map(next -> waitsFor.apply(seen.trustId(), Issuer.madeAt(next)))
            .orElse(List.of());
    if (!paused) {
      pki = Renewal.of(seen, request(cluster, spec, own), ignorant.isEmpty(), now, issuer);
      known.put(id, pki);
    }
    if (!pki.isComplete()) {
      return HeldCertificates.without(
          Verdict.no("NotIssued", "the cluster was paused before it had certificates"),
          Optional.empty());
    }
    return HeldCertificates.own(
        pki, new EtcdIdentity(pki.trustPem(), pki.leaves().get(Role.CLIENT)), ignorant, now);
  }

  /** Whether a person made it, for whom it may be the only copy. */
  private static boolean isForeign(Secret secret) {
    Map<String, String> labels = secret.getMetadata().getLabels();
    return secret.getMetadata().getOwnerReferences().isEmpty()
        && (labels == null || !Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY)));
  }

  private static HeldCertificates foreign(String name, Instant now) {
    return HeldCertificates.without(
        Verdict.no(
            "SecretNotOurs",
            "Secret "
                + name
                + " was not made by the operator, which would overwrite it; save it under another"
                + " name and delete it"),
        Optional.of(now.plus(GivenCertificates.LOOK_EVERY)));
  }

  /** What the Secrets say; of a Secret that is gone, what it said last. */
  private static EtcdPki recall(
      Optional<EtcdPki> last, Optional<Secret> authority, Optional<Secret> leaves) {
    EtcdPki seen = CertificateSecrets.read(authority, leaves);
    EtcdPki before = last.orElse(EtcdPki.NONE);
    EtcdPki keys = authority.isPresent() ? seen : before;
    EtcdPki files = leaves.isPresent() ? seen : before;
    return new EtcdPki(
        keys.authority(),
        keys.next(),
        files.trust(),
        files.leaves(),
        keys.renewedLeaves(),
        keys.renewedAuthority());
  }

  private static CertificateRequest request(
      AetherFlowCluster cluster, EffectiveSpec spec, EtcdTls.Own own) {
    Map<String, String> annotations = cluster.getMetadata().getAnnotations();
    return new CertificateRequest(
        spec.names().namespace() + "/" + spec.names().cluster(),
        CertificateHosts.of(spec.names()),
        Duration.ofHours(own.certificateHours()),
        Duration.ofHours(own.authorityHours()),
        annotations.getOrDefault(RENEW_CERTIFICATES, ""),
        annotations.getOrDefault(RENEW_AUTHORITY, ""));
  }

  void forget(ResourceID id) {
    known.remove(id);
  }
}
