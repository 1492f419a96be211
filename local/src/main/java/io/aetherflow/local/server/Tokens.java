package io.aetherflow.local.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Bearer tokens: one for the administrator, and one per service account, signed with a key kept in
 * the PKI directory so that tokens of running pods survive a restart. Thread-safe.
 */
public final class Tokens {
  private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

  private final byte[] key;
  private final String admin;

  Tokens(Path pki) throws IOException {
    this.key = Base64.getUrlDecoder().decode(secret(pki.resolve("token.key")));
    this.admin = secret(pki.resolve("admin.token"));
  }

  private static String secret(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] bytes = new byte[32];
      new SecureRandom().nextBytes(bytes);
      Pki.writePrivate(file, TEXT.encodeToString(bytes));
    }
    return Files.readString(file).strip();
  }

  /** The administrator's token. */
  public String admin() {
    return admin;
  }

  /** A token for pods of the service account; it does not expire. */
  public String issue(String namespace, String serviceAccount) {
    String subject =
        TEXT.encodeToString((namespace + "/" + serviceAccount).getBytes(StandardCharsets.UTF_8));
    return "sa." + subject + "." + sign(subject);
  }

  /** Whose token it is; empty for one that this server did not issue. */
  public Optional<Identity> identify(String token) {
    if (same(token, admin)) {
      return Optional.of(Identity.ADMIN);
    }
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3 || !parts[0].equals("sa") || !same(parts[2], sign(parts[1]))) {
      return Optional.empty();
    }
    String subject = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String[] names = subject.split("/", 2);
    return Optional.of(Identity.serviceAccount(names[0], names[1]));
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private String sign(String subject) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return TEXT.encodeToString(mac.doFinal(subject.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is missing from this JDK", e);
    }
  }
}
