package io.aetherflow.gateway.testing;

import io.aetherflow.runtime.testing.TestPki;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A directory as the kubelet makes it of a Secret: one rename changes all files at once. */
public final class MountedCertificate {
  private final Path dir;
  private int version;

  /**
   * @param dir an empty one
   */
  public MountedCertificate(Path dir) throws IOException {
    this.dir = dir;
    for (String file : new String[] {"tls.crt", "tls.key"}) {
      Files.createSymbolicLink(dir.resolve(file), Path.of("..data", file));
    }
  }

  public Path dir() {
    return dir;
  }

  /** The named leaf with its authority. */
  public void write(TestPki pki, String leaf) throws IOException {
    write(pki.certificate(leaf) + pki.authority(), pki.key(leaf));
  }

  public void write(String certificate, String key) throws IOException {
    Path made = Files.createDirectory(dir.resolve("..v" + ++version));
    Files.writeString(made.resolve("tls.crt"), certificate);
    Files.writeString(made.resolve("tls.key"), key);
    Path link = Files.createSymbolicLink(dir.resolve("..data_tmp"), made.getFileName());
    Files.move(link, dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }
}
