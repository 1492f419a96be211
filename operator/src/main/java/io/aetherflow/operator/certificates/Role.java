package io.aetherflow.operator.certificates;

import java.util.List;
import java.util.Locale;

/** What a leaf certificate is for; the file names are {@code server.crt}, {@code server.key} ... */
public enum Role {
  /** Members towards clients. etcd also uses it as a client of itself, for its JSON gateway. */
  SERVER,
  /** Members towards each other, in both directions. */
  PEER,
  /** The operator and the data plane. */
  CLIENT;

  public String certificateKey() {
    return name().toLowerCase(Locale.ROOT) + ".crt";
  }

  public String privateKeyKey() {
    return name().toLowerCase(Locale.ROOT) + ".key";
  }

  /** How the holder is called in the certificate's subject. */
  public String commonName() {
    return "etcd-" + name().toLowerCase(Locale.ROOT);
  }

  /**
   * Names in the certificate. A client has none: etcd compares a client's names with its address.
   */
  List<String> hosts(CertificateRequest request) {
    return this == CLIENT ? List.of() : request.hosts();
  }

  List<String> addresses() {
    return this == CLIENT ? List.of() : List.of("127.0.0.1");
  }
}
