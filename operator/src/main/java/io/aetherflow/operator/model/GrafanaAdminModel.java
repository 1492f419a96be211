package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Grafana's first account. Made once: Grafana reads it only when its database is new. */
public final class GrafanaAdminModel {
  public static final int RANDOM_BYTES = 24;

  static final String USER = "admin-user";
  static final String PASSWORD = "admin-password";

  private GrafanaAdminModel() {}

  /**
   * @param random {@value #RANDOM_BYTES} bytes from a secure source
   */
  public static Secret of(Names names, byte[] random) {
    if (random.length != RANDOM_BYTES) {
      throw new IllegalArgumentException("the password needs " + RANDOM_BYTES + " random bytes");
    }
    return new SecretBuilder()
        .withMetadata(Metadata.of(names, names.grafanaAdmin(), Names.GRAFANA))
        .withType("Opaque")
        .addToData(USER, base64("admin"))
        .addToData(PASSWORD, base64(Base64.getUrlEncoder().withoutPadding().encodeToString(random)))
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
