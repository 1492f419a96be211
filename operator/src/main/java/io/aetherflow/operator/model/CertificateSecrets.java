package io.aetherflow.operator.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.operator.certificates.Credential;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Pem;
import io.aetherflow.operator.certificates.Role;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * etcd's certificates as two Secrets: one that pods mount, and one with the authority's key that
 * none does.
 */
public final class CertificateSecrets {
  public static final String TRUST_KEY = "ca.crt";

  private static final String AUTHORITY = "ca";
  private static final String NEXT = "next";
  private static final String RENEWED_LEAVES = "aetherflow.io/renewed-certificates";
  private static final String RENEWED_AUTHORITY = "aetherflow.io/renewed-authority";

  private CertificateSecrets() {}

  /** The authority first: a leaf whose authority's key is lost cannot be renewed. */
  public static List<Secret> of(Names names, EtcdPki pki) {
    return List.of(authority(names, pki), leaves(names, pki));
  }

  private static Secret authority(Names names, EtcdPki pki) {
    Map<String, String> data = new TreeMap<>();
    pki.authority().ifPresent(each -> put(data, AUTHORITY, each));
    pki.next().ifPresent(each -> put(data, NEXT, each));
    ObjectMeta metadata = Metadata.of(names, names.etcdAuthority(), Names.ETCD);
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(RENEWED_LEAVES, pki.renewedLeaves());
    annotations.put(RENEWED_AUTHORITY, pki.renewedAuthority());
    metadata.setAnnotations(annotations);
    return new SecretBuilder().withMetadata(metadata).withType("Opaque").withData(data).build();
  }

  private static Secret leaves(Names names, EtcdPki pki) {
    Map<String, String> data = new TreeMap<>();
    data.put(TRUST_KEY, encode(pki.trustPem()));
    for (Role role : Role.values()) {
      Optional.ofNullable(pki.leaves().get(role))
          .ifPresent(leaf -> {
            data.put(role.certificateKey(), encode(leaf.certificatePem()));
            data.put(role.privateKeyKey(), encode(leaf.keyPem()));
          });
    }
    return new SecretBuilder()
        .withMetadata(Metadata.of(names, names.etcdCertificates(), Names.ETCD))
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /** What the Secrets say. What is malformed in them counts as missing, so that it is made anew. */
  public static EtcdPki read(Optional<Secret> authority, Optional<Secret> leaves) {
    Map<String, String> keys = data(authority);
    Map<String, String> files = data(leaves);
    Map<Role, Credential> found = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      credential(files, role.certificateKey(), role.privateKeyKey())
          .ifPresent(leaf -> found.put(role, leaf));
    }
    return new EtcdPki(
        credential(keys, AUTHORITY + ".crt", AUTHORITY + ".key"),
        credential(keys, NEXT + ".crt", NEXT + ".key"),
        certificates(files.getOrDefault(TRUST_KEY, "")),
        found,
        annotation(authority, RENEWED_LEAVES),
        annotation(authority, RENEWED_AUTHORITY));
  }

  private static Optional<Credential> credential(
      Map<String, String> data, String certificate, String key) {
    if (!data.containsKey(certificate) || !data.containsKey(key)) {
      return Optional.empty();
    }
    Credential found = new Credential(data.get(certificate), data.get(key));
    try {
      found.certificate();
      Pem.privateKey(found.keyPem());
      return Optional.of(found);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<String> certificates(String bundle) {
    List<String> found = new ArrayList<>();
    for (String part : bundle.split("(?<=-----END CERTIFICATE-----\n)")) {
      try {
        Pem.certificates(part);
        found.add(part);
      } catch (IllegalArgumentException e) {
        // Made anew, if it is needed.
      }
    }
    return found;
  }

  /** The values of a Secret as text; what is no text is left out. */
  public static Map<String, String> data(Optional<Secret> secret) {
    Map<String, String> data = new TreeMap<>();
    secret
        .map(Secret::getData)
        .ifPresent(all ->
            all.forEach((key, value) -> {
              try {
                data.put(key, new String(Base64.getDecoder().decode(value), UTF_8));
              } catch (IllegalArgumentException e) {
                // As good as missing.
              }
            }));
    return data;
  }

  private static String annotation(Optional<Secret> secret, String name) {
    return secret
        .map(each -> each.getMetadata().getAnnotations())
        .map(all -> all.get(name))
        .orElse("");
  }

  private static void put(Map<String, String> data, String name, Credential credential) {
    data.put(name + ".crt", encode(credential.certificatePem()));
    data.put(name + ".key", encode(credential.keyPem()));
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
