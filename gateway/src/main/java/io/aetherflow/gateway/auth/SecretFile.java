package io.aetherflow.gateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared secret, read again when its file changes. A file that cannot be read or is too short
 * keeps the last good secret in force.
 */
final class SecretFile {
  /** HS256 needs a key of at least the hash's length (RFC 7518, 3.2). */
  static final int BYTES_MIN = 32;

  private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
  private static final long LOOK_AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private final LongSupplier nowNs;
  private byte[] secret;
  private Stamp stamp;
  private long lookedNs;

  /**
   * Kubernetes swaps a symbolic link, so the real path is part of what tells two versions apart.
   */
  private record Stamp(Path realPath, FileTime modified, long size) {}

  SecretFile(Path path, LongSupplier nowNs) throws IOException {
    this.path = path;
    this.nowNs = nowNs;
    this.stamp = stampOf(path);
    this.secret = read(path);
    this.lookedNs = nowNs.getAsLong();
  }

  synchronized byte[] bytes() {
    long now = nowNs.getAsLong();
    if (now - lookedNs >= LOOK_AGAIN_NS) {
      lookedNs = now;
      readIfChanged();
    }
    return secret.clone();
  }

  private void readIfChanged() {
    try {
      Stamp current = stampOf(path);
      if (current.equals(stamp)) {
        return;
      }
      byte[] fresh = read(path);
      stamp = current;
      if (!Arrays.equals(fresh, secret)) {
        secret = fresh;
        LOG.atInfo().addKeyValue("action", "jwt_secret_changed").log("Using the new JWT secret");
      }
    } catch (IOException e) {
      LOG.warn("Cannot read the JWT secret again, keeping the last one: {}", e.toString());
    }
  }

  private static Stamp stampOf(Path path) throws IOException {
    return new Stamp(path.toRealPath(), Files.getLastModifiedTime(path), Files.size(path));
  }

  private static byte[] read(Path path) throws IOException {
    byte[] text =
        Files.readString(path, StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8);
    if (text.length < BYTES_MIN) {
      throw new IOException(
          path + " holds " + text.length + " bytes; HS256 needs at least " + BYTES_MIN);
    }
    return text;
  }
}
