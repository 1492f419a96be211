package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The key that signs tokens. Made once: a second one would end every session. */
public final class JwtSecretModel {
  public static final String KEY = "secret";
  public static final int RANDOM_BYTES = 32;

  private JwtSecretModel() {}

  /**
   * @param random {@value #RANDOM_BYTES} bytes from a secure source
   */
  public static Secret of(Names names, byte[] random) {
    if (random.length != RANDOM_BYTES) {
      throw new IllegalArgumentException("the key needs " + RANDOM_BYTES + " random bytes");
    }
    byte[] text =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(random)
            .getBytes(StandardCharsets.US_ASCII);
    return new SecretBuilder()
        .withMetadata(Metadata.of(names, names.jwtSecret(), Names.GATEWAY))
        .withType("Opaque")
        .addToData(KEY, Base64.getEncoder().encodeToString(text))
        .build();
  }
}
