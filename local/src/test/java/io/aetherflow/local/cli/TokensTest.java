package io.aetherflow.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokensTest {

  @Test
  void signsAsRfc7515Describes() throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Instant now = Instant.ofEpochSecond(1_000);
    String token = Tokens.sign(secret, "al\"ice", true, now, Duration.ofHours(1));
    String[] parts = token.split("\\.");
    JsonNode claims = new ObjectMapper().readTree(Base64.getUrlDecoder().decode(parts[1]));
    assertThat(claims.path("sub").asText()).isEqualTo("al\"ice");
    assertThat(claims.path("aud").asText()).isEqualTo("aetherflow");
    assertThat(claims.path("console").asBoolean()).isTrue();
    assertThat(claims.path("exp").asLong()).isEqualTo(4_600);
    assertThat(Base64.getUrlDecoder().decode(parts[2])).hasSize(32);
    assertThat(
            Tokens.sign(
                "another".getBytes(StandardCharsets.US_ASCII),
                "al\"ice",
                true,
                now,
                Duration.ofHours(1)))
        .isNotEqualTo(token);
  }
}
