package io.aetherflow.runtime.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtlpOptionsTest {
  private static final String BASE = "OTEL_EXPORTER_OTLP_ENDPOINT";

  @Test
  void noEndpointIsNoTracing() {
    assertThat(OtlpOptions.fromEnvironment(Map.of())).isEmpty();
    assertThat(OtlpOptions.fromEnvironment(Map.of(BASE, " ", "OTEL_TRACES_SAMPLER_ARG", "1")))
        .isEmpty();
  }

  @Test
  void theBaseEndpointGetsThePathAndTheOtherIsTakenAsItIs() {
    assertThat(
            OtlpOptions.fromEnvironment(
                Map.of(BASE, "http://c:4318/", "OTEL_TRACES_SAMPLER_ARG", "0.25")))
        .contains(new OtlpOptions(URI.create("http://c:4318/v1/traces"), 0.25));
    assertThat(
            OtlpOptions.fromEnvironment(
                Map.of(BASE, "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://d/x")))
        .contains(new OtlpOptions(URI.create("https://d/x"), 1));
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_ENDPOINT, collector:4318",
    "OTEL_EXPORTER_OTLP_ENDPOINT, grpc://collector:4317",
    "OTEL_EXPORTER_OTLP_ENDPOINT, http://",
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc",
    "OTEL_TRACES_SAMPLER_ARG, 1.5",
    "OTEL_TRACES_SAMPLER_ARG, NaN",
    "OTEL_TRACES_SAMPLER_ARG, all"
  })
  void aMalformedValueIsNamed(String name, String value) {
    Map<String, String> env =
        name.equals(BASE) ? Map.of(BASE, value) : Map.of(BASE, "http://c:4318", name, value);
    assertThatThrownBy(() -> OtlpOptions.fromEnvironment(env))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(name + " is '" + value);
  }
}
