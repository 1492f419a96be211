package io.aetherflow.runtime.etcd;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates in a mounted Secret, which are replaced while the pod runs: {@code ca.crt}, {@code
 * client.crt} and {@code client.key} in PEM. Thread-safe.
 */
final class MountedPki {
  private static final Logger LOG = LoggerFactory.getLogger(MountedPki.class);

  static final String TRUST = "ca.crt";
  private static final String CERTIFICATE = "client.crt";
  private static final String KEY = "client.key";

  /** A mount may be swapped between two reads; twice in a row it is not. */
  private static final int READS_MAX = 3;

  private record Texts(String trust, String certificate, String key) {
    static Texts read(Path dir) throws IOException {
      return new Texts(text(dir, TRUST), text(dir, CERTIFICATE), text(dir, KEY));
    }

    private static String text(Path dir, String name) throws IOException {
      Path file = dir.resolve(name);
      if (!Files.exists(file)) {
        throw new IOException(
            file + " is missing; the pod needs etcd's certificates mounted there");
      }
      return Files.readString(file);
    }
  }

  /** One generation of the files, parsed. */
  record Loaded(
      long generation,
      X509ExtendedTrustManager trust,
      List<X509Certificate> chain,
      PrivateKey key) {}

  private final Path dir;
  private Texts files;
  private Loaded loaded;

  /**
   * @throws IOException when a file is missing or malformed, naming it
   */
  MountedPki(Path dir) throws IOException {
    this.dir = dir;
    files = consistent();
    loaded = parse(files, 1);
  }

  /** As the files are now; if they are unusable, as they were last. */
  synchronized Loaded current() {
    try {
      Texts now = consistent();
      if (!now.equals(files)) {
        loaded = parse(now, loaded.generation() + 1);
        files = now;
        LOG.atInfo()
            .addKeyValue("action", "etcd_certificates_read")
            .log(
                "new certificates for etcd, valid until {}",
                loaded.chain().getFirst().getNotAfter().toInstant());
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("action", "etcd_certificates_unusable")
          .log("{}; going on with the last ones", e.getMessage());
    }
    return loaded;
  }

  private Texts consistent() throws IOException {
    Texts before = Texts.read(dir);
    for (int reads = 1; reads < READS_MAX; reads++) {
      Texts after = Texts.read(dir);
      if (after.equals(before)) {
        return after;
      }
      before = after;
    }
    return before;
  }

  private Loaded parse(Texts texts, long generation) throws IOException {
    try {
      return new Loaded(
          generation,
          trustIn(certificates(texts.trust())),
          certificates(texts.certificate()),
          key(texts.key()));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the certificates in " + dir + " are unusable: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
    List<X509Certificate> found =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (found.isEmpty()) {
      throw new GeneralSecurityException("a file holds no certificate");
    }
    return found;
  }

  private static X509ExtendedTrustManager trustIn(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Certificate each : authorities) {
      store.setCertificateEntry("authority-" + store.size(), each);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager trust) {
        return trust;
      }
    }
    throw new GeneralSecurityException("this JDK checks no X.509 certificates");
  }

  private static PrivateKey key(String pem) throws GeneralSecurityException {
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
    for (String algorithm : List.of("EC", "RSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // Of the other kind, perhaps.
      }
    }
    throw new GeneralSecurityException(KEY + " is no private key in PKCS #8 (EC or RSA)");
  }
}
