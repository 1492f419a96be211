package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.testing.MountedCertificate;
import io.aetherflow.runtime.testing.TestPki;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of a mounted Secret are a certificate to serve with. */
final class TlsFilesTest {
  /** What PKCS #8 puts before an RSA key of 2,048 bits. */
  private static final int PKCS8_HEADER_BYTES = 26;

  private final Vertx vertx = Vertx.vertx();
  @TempDir private Path temp;
  @TempDir private Path dir;
  private MountedCertificate mount;
  private TlsFiles files;

  @BeforeEach
  void start() throws IOException {
    mount = new MountedCertificate(dir);
    files = new TlsFiles(dir, vertx);
  }

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aCertificateIsToldOnceAndAgainWhenItChanges() throws IOException {
    assertThat(files.changed()).isEmpty();
    TestPki pki = new TestPki(temp, "ca").leaf("one").leaf("two");
    mount.write(pki, "one");
    assertThat(files.changed()).isPresent();
    assertThat(files.changed()).isEmpty();
    mount.write(pki, "two");
    assertThat(files.changed()).isPresent();
    files.forget();
    assertThat(files.changed()).isPresent();
  }

  @Test
  void aKeyOfAnotherCertificateIsNoneToServeWith() throws IOException {
    TestPki pki = new TestPki(temp, "ca").leaf("one").leaf("two").rsaLeaf("rsa");
    mount.write(pki.certificate("one"), pki.key("two"));
    assertThat(files.changed()).isEmpty();
    mount.write(pki.certificate("one"), pki.key("rsa"));
    assertThat(files.changed()).isEmpty();
    mount.write(pki.certificate("one"), "no key");
    assertThat(files.changed()).isEmpty();
    mount.write("no certificate", pki.key("one"));
    assertThat(files.changed()).isEmpty();
    mount.write(pki, "one");
    assertThat(files.changed()).isPresent();
  }

  /** As cert-manager writes them unless told otherwise. */
  @Test
  void keysOfTheOlderFormAreRead() throws IOException {
    TestPki pki = new TestPki(temp, "ca").rsaLeaf("rsa");
    byte[] pkcs8 = Base64.getMimeDecoder().decode(pki.key("rsa").replaceAll("-----[^-]*-----", ""));
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, PKCS8_HEADER_BYTES, pkcs8.length);
    mount.write(
        pki.certificate("rsa"),
        "-----BEGIN RSA PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pkcs1)
            + "\n-----END RSA PRIVATE KEY-----\n");
    assertThat(files.changed()).isPresent();
  }
}
