package io.aetherflow.bench.gateway;

import io.aetherflow.bench.BenchFailure;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HS256 tokens as an application's own login would mint them. Thread-safe. */
record Tokens(String secret, Instant expiresAt) {
  private static final String HEADER = part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

  String of(String user) {
    String signed =
        HEADER
            + "."
            + part(
                "{\"sub\":\"%s\",\"aud\":\"aetherflow\",\"exp\":%d}"
                    .formatted(user, expiresAt.getEpochSecond()));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return signed + "." + encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new BenchFailure("This JVM cannot sign: " + e.getMessage(), e);
    }
  }

  private static String part(String json) {
    return encode(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
