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
  private final Path certificate;
  private final Path key;

  private Certificate(Path certificate, Path key) {
    this.certificate = certificate;
    this.key = key;
  }

  public static Certificate make() {
    try {
      X509Bundle bundle =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=bench")
              .addSanIpAddress(NetworkLab.SERVER_ADDRESS)
              .addSanIpAddress("127.0.0.1")
              .buildSelfSigned();
      Path certificate = Files.createTempFile("aetherflow-bench-", ".crt");
      Path key = Files.createTempFile("aetherflow-bench-", ".key");
      Files.writeString(certificate, bundle.getCertificatePEM());
      Files.writeString(key, bundle.getPrivateKeyPEM());
      return new Certificate(certificate, key);
    } catch (Exception e) {
      throw new BenchFailure("Cannot make a certificate: " + e.getMessage(), e);
    }
  }

  /** For a child's configuration: the paths {@code certificate} and {@code key}. */
  public Map<String, Object> config() {
    return Map.of("certificate", certificate.toString(), "key", key.toString());
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(certificate);
      Files.deleteIfExists(key);
    } catch (IOException e) {
      throw new BenchFailure("Cannot delete " + certificate + " and " + key + ".", e);
    }
  }
}
