package io.aetherflow.runtime.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority and leaf certificates, made by the JDK's own keytool. */
public final class TestPki {
  private static final String PASSWORD = "changeit";
  private static final List<String> CURVE = List.of("-keyalg", "EC", "-groupname", "secp256r1");

  private final Path dir;
  private final Path store;

  /**
   * @param dir for the key store
   * @param name of the authority
   */
  public TestPki(Path dir, String name) throws IOException {
    this.dir = dir;
    this.store = dir.resolve(name + ".p12");
    generate(
        "ca",
        "CN=" + name,
        CURVE,
        List.of("-ext", "bc:c=ca:true,pathlen:0", "-ext", "ku:c=keyCertSign"));
  }

  /** Makes a certificate of 127.0.0.1, for both ends of a connection. */
  public TestPki leaf(String name) throws IOException {
    return leaf(name, CURVE);
  }

  /** The same with an RSA key. */
  public TestPki rsaLeaf(String name) throws IOException {
    return leaf(name, List.of("-keyalg", "RSA", "-keysize", "2048"));
  }

  private TestPki leaf(String name, List<String> algorithm) throws IOException {
    generate(
        name,
        "CN=" + name,
        algorithm,
        List.of("-signer", "ca", "-ext", "san=ip:127.0.0.1", "-ext", "eku=serverAuth,clientAuth"));
    return this;
  }

  private void generate(String alias, String subject, List<String> algorithm, List<String> more)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                subject,
                "-validity",
                "2",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(algorithm);
    command.addAll(more);
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("keytool.log").toFile())
            .start();
    try {
      if (keytool.waitFor() != 0) {
        throw new IOException(Files.readString(dir.resolve("keytool.log")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  public String authority() throws IOException {
    return certificate("ca");
  }

  public String certificate(String alias) throws IOException {
    try {
      Certificate[] chain = load().getCertificateChain(alias);
      return pem("CERTIFICATE", chain[0].getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  public String key(String alias) throws IOException {
    try {
      return pem("PRIVATE KEY", load().getKey(alias, PASSWORD.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private KeyStore load() throws IOException, GeneralSecurityException {
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    return loaded;
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), type);
  }
}
