package io.aetherflow.bench.child;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.lab.NetworkLab;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A certificate for one run that both ends hold and trust; its files end with it. */
public final class Certificate implements AutoCloseable {
  private final Path authority = file(".ca");
  private final Path certificate = file(".crt");
  private final Path key = file(".key");

  private Certificate() {}

  private static Path file(String suffix) {
    try {
      return Files.createTempFile("aetherflow-bench-", suffix);
    } catch (IOException e) {
      throw new BenchFailure("Cannot write a temporary file: " + e.getMessage(), e);
    }
  }

  public static Certificate make() {
    Certificate made = new Certificate();
    try {
      X509Bundle root =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=bench-root")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
      X509Bundle leaf =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=bench")
              .addSanIpAddress(NetworkLab.SERVER_ADDRESS)
              .addSanIpAddress("127.0.0.1")
              .buildIssuedBy(root);
      Files.writeString(made.authority, root.getCertificatePEM());
      Files.writeString(made.certificate, leaf.getCertificatePEM());
      Files.writeString(made.key, leaf.getPrivateKeyPEM());
      return made;
    } catch (Exception e) {
      made.close();
      throw new BenchFailure("Cannot make a certificate: " + e.getMessage(), e);
    }
  }

  /** For a child's configuration: paths of PEM files. */
  public Map<String, Object> config() {
    return Map.of(
        "authority",
        authority.toString(),
        "certificate",
        certificate.toString(),
        "key",
        key.toString());
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(authority);
      Files.deleteIfExists(certificate);
      Files.deleteIfExists(key);
    } catch (IOException e) {
      throw new BenchFailure("Cannot delete " + certificate + " and " + key + ".", e);
    }
  }
}
