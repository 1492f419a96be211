package io.aetherflow.gateway;

import io.aetherflow.api.TlsPair;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mounted Secret of type {@code kubernetes.io/tls}: {@code tls.crt}, the certificate with those
 * that signed it, and {@code tls.key}, in PEM. One thread at a time.
 */
final class TlsFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

  /** A mount may be swapped between two reads; twice in a row it is not. */
  private static final int READS_MAX = 3;

  private record Texts(String certificate, String key) {}

  private final Path dir;
  private final Vertx vertx;
  private Optional<Texts> seen = Optional.empty();
  private String told = "";

  TlsFiles(Path dir, Vertx vertx) {
    this.dir = dir;
    this.vertx = vertx;
  }

  /**
   * What the files say, if that is new and usable. Blocks on the disk.
   *
   * @return empty as well when they are missing or unusable, which the log tells once
   */
  Optional<KeyCertOptions> changed() {
    Optional<Texts> now = Optional.empty();
    try {
      now = Optional.of(consistent());
      if (now.equals(seen)) {
        return Optional.empty();
      }
      KeyCertOptions usable = usable(now.get());
      told = "";
      return Optional.of(usable);
    } catch (NoSuchFileException e) {
      if (seen.isPresent()) {
        tell(e.getMessage() + " is gone");
      }
      return Optional.empty();
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      tell("the files in " + dir + " cannot be used: " + e.getMessage());
      return Optional.empty();
    } finally {
      seen = now;
    }
  }

  /** Makes the next look answer what the files say, though it is what they said last. */
  void forget() {
    seen = Optional.empty();
  }

  private void tell(String problem) {
    if (problem.equals(told)) {
      return;
    }
    told = problem;
    LOG.atWarn()
        .addKeyValue("action", "tls_certificate_unusable")
        .log("{}; HTTPS goes on with the last certificate, if there was one", problem);
  }

  private Texts consistent() throws IOException {
    Texts before = read();
    for (int reads = 1; reads < READS_MAX; reads++) {
      Texts after = read();
      if (after.equals(before)) {
        break;
      }
      before = after;
    }
    return before;
  }

  private Texts read() throws IOException {
    return new Texts(
        Files.readString(dir.resolve(CERTIFICATE)), Files.readString(dir.resolve(KEY)));
  }

  private KeyCertOptions usable(Texts texts) throws GeneralSecurityException {
    PemKeyCertOptions pem =
        new PemKeyCertOptions()
            .setCertValue(Buffer.buffer(texts.certificate()))
            .setKeyValue(Buffer.buffer(texts.key()));
    KeyStore store = loaded(pem);
    String alias = store.aliases().nextElement();
    X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
    if (!TlsPair.belongTogether(certificate.getPublicKey(), privateKey(pem, alias))) {
      throw new GeneralSecurityException(KEY + " is not the key of " + CERTIFICATE);
    }
    LOG.atInfo()
        .addKeyValue("action", "tls_certificate_read")
        .log(
            "serving HTTPS as {}, valid until {}",
            certificate.getSubjectX500Principal(),
            certificate.getNotAfter().toInstant());
    return pem;
  }

  private KeyStore loaded(PemKeyCertOptions pem) throws GeneralSecurityException {
    try {
      return pem.loadKeyStore(vertx);
    } catch (Exception e) {
      throw new GeneralSecurityException(e.getMessage(), e);
    }
  }

  private PrivateKey privateKey(PemKeyCertOptions pem, String alias)
      throws GeneralSecurityException {
    try {
      for (KeyManager each : pem.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (each instanceof X509KeyManager keys) {
          return keys.getPrivateKey(alias);
        }
      }
    } catch (Exception e) {
      throw new GeneralSecurityException(e.getMessage(), e);
    }
    throw new GeneralSecurityException(KEY + " holds no key");
  }
}
