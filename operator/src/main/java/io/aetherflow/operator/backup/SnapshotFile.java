package io.aetherflow.operator.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * One snapshot on disk.
 *
 * @param name {@code etcd-<time>.db}; the time is when it was begun
 */
record SnapshotFile(String name, Instant takenAt, long sizeBytes) {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'etcd-'yyyyMMdd'T'HHmmss'Z.db'").withZone(ZoneOffset.UTC);

  private static final int DIGEST_BYTES = 32;

  /** etcd's database is a whole number of these; the digest behind it is not. */
  private static final int SECTOR_BYTES = 512;

  private static final int BUFFER_BYTES = 1 << 16;

  static String nameAt(Instant takenAt) {
    return NAME.format(takenAt);
  }

  /** Nothing when the file does not have the name of a snapshot. */
  static Optional<SnapshotFile> of(Path path) throws IOException {
    String name = path.getFileName().toString();
    try {
      Instant takenAt = LocalDateTime.parse(name, NAME).toInstant(ZoneOffset.UTC);
      return Optional.of(new SnapshotFile(name, takenAt, Files.size(path)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * Why the file is no whole snapshot, or nothing. etcd ends the stream with the SHA-256 of all
   * that came before it, which is what its own restore checks.
   */
  static Optional<String> flaw(Path path) throws IOException {
    long size = Files.size(path);
    if (size <= DIGEST_BYTES || size % SECTOR_BYTES != DIGEST_BYTES) {
      return Optional.of("the stream of " + size + " bytes ended before etcd's checksum");
    }
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = size - DIGEST_BYTES;
    try (InputStream in = Files.newInputStream(path)) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          return Optional.of("the file shrank while it was read");
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      boolean same = MessageDigest.isEqual(digest.digest(), in.readNBytes(DIGEST_BYTES));
      return same ? Optional.empty() : Optional.of("etcd's checksum does not match the content");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
