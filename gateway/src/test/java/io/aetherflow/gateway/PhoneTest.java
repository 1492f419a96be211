package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.api.AppliedTuning;
import io.aetherflow.gateway.auth.HmacTokenVerifier;
import io.aetherflow.gateway.cluster.Pods;
import io.aetherflow.gateway.testing.Chromium;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.Jwts;
import io.aetherflow.gateway.testing.NodeStory;
import io.aetherflow.gateway.testing.TestGateway;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pages in a real browser that has a phone's screen. */
@Timeout(240)
final class PhoneTest {
  private static final int WIDTH = 360;
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes();

  private static final String TOKEN =
      Jwts.sign(
          SECRET, null, Jwts.claims("ann", Instant.now().plusSeconds(600)).claim("console", true));

  @TempDir Path directory;

  @Test
  void nothingIsCutOffAndWhatIsTouchedIsLargeEnough() throws Exception {
    String chromium = Chromium.program();
    Path secret = Files.write(directory.resolve("secret"), SECRET);
    Path pictures = Files.createDirectories(Path.of("target/phone").toAbsolutePath());
    try (FakeCluster cluster = new FakeCluster();
        GatewayServer gateway =
            TestGateway.start(
                cluster,
                "gateway",
                Limits.DEFAULTS,
                new HmacTokenVerifier(
                    secret, "aetherflow", "", Clock.systemUTC(), System::nanoTime),
                () -> List.of(pod("gateway-7d9f8c6b5-x2x4z"), pod("statesync-5c7b9d8f6-q8w7e")))) {
      String output =
          new NodeStory(Path.of("src/test/js"), Map.of())
              .run(
                  Map.of(),
                  "phone-story.mjs",
                  chromium,
                  "http://127.0.0.1:" + gateway.port(),
                  TOKEN,
                  pictures.toString());
      List<String> pages = output.lines().filter(each -> each.startsWith("FIT ")).toList();
      assertThat(pages).hasSize(4);
      for (String page : pages) {
        JsonNode fit = new ObjectMapper().readTree(page.substring(4));
        assertThat(fit.path("width").asInt()).as(page).isLessThanOrEqualTo(WIDTH);
        assertThat(fit.path("beyond")).as(page).isEmpty();
        assertThat(fit.path("small")).as(page).isEmpty();
      }
    }
  }

  private static Pods.Pod pod(String name) {
    AppliedTuning tuning = new AppliedTuning(42, "2026-01-02T03:04:05Z", Map.of(), "", "");
    URI silent = URI.create("http://127.0.0.1:1/metrics");
    return new Pods.Pod("statesync-service", name, silent, Optional.of(tuning));
  }
}
