package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs tokens that the gateway accepts: JWT, HS256 (RFC 7519, RFC 7515). */
final class Tokens {
  static final String AUDIENCE = "aetherflow";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private Tokens() {}

  /** The secret of a cluster. */
  static byte[] secret(ApiClient api, String cluster) throws IOException, InterruptedException {
    JsonNode secret;
    try {
      secret = api.get("/api/v1/namespaces/default/secrets/" + cluster + "-jwt-secret");
    } catch (ApiClient.RefusedException e) {
      throw new IOException(
          "cluster '" + cluster + "' has no token secret (" + e.getMessage() + ")", e);
    }
    return Base64.getDecoder().decode(secret.at("/data/secret").asText());
  }

  /**
   * @param console whether the bearer may see how the cluster does
   */
  static String sign(byte[] secret, String user, boolean console, Instant now, Duration validity) {
    ObjectNode header = JSON.createObjectNode().put("alg", "HS256").put("typ", "JWT");
    ObjectNode claims =
        JSON.createObjectNode()
            .put("sub", user)
            .put("aud", AUDIENCE)
            .put("iat", now.getEpochSecond())
            .put("exp", now.plus(validity).getEpochSecond());
    if (console) {
      claims.put("console", true);
    }
    String signed = encode(header) + "." + encode(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return signed
          + "."
          + BASE64.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static String encode(ObjectNode part) {
    return BASE64.encodeToString(part.toString().getBytes(StandardCharsets.UTF_8));
  }
}
