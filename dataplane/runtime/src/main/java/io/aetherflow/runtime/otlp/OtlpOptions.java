package io.aetherflow.runtime.otlp;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * Where spans go and how many.
 *
 * @param endpoint takes {@code POST} of OTLP's protobuf
 * @param ratio of requests that are recorded, 0 to 1
 */
public record OtlpOptions(URI endpoint, double ratio) {
  private static final String BASE = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";
  private static final String RATIO = "OTEL_TRACES_SAMPLER_ARG";
  private static final String TRACES_PATH = "/v1/traces";

  /**
   * From OpenTelemetry's own variables; empty when they name no endpoint.
   *
   * @throws IllegalArgumentException naming the variable that is malformed
   */
  public static Optional<OtlpOptions> fromEnvironment(Map<String, String> env) {
    String base = text(env, BASE);
    String traces = text(env, TRACES);
    if (base.isEmpty() && traces.isEmpty()) {
      return Optional.empty();
    }
    String protocol = text(env, PROTOCOL);
    if (!protocol.isEmpty() && !protocol.equals("http/protobuf")) {
      throw new IllegalArgumentException(
          PROTOCOL + " is '" + protocol + "'; only http/protobuf is spoken");
    }
    URI endpoint =
        traces.isEmpty()
            ? URI.create(url(BASE, base).toString().replaceAll("/+$", "") + TRACES_PATH)
            : url(TRACES, traces);
    return Optional.of(new OtlpOptions(endpoint, ratio(text(env, RATIO))));
  }

  private static String text(Map<String, String> env, String name) {
    return env.getOrDefault(name, "").strip();
  }

  private static URI url(String name, String text) {
    try {
      URI uri = URI.create(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The sentence below says what is wanted.
    }
    throw new IllegalArgumentException(
        name + " is '" + text + "'; it must be an http or https URL with a host");
  }

  private static double ratio(String text) {
    try {
      double ratio = text.isEmpty() ? 1 : Double.parseDouble(text);
      if (ratio >= 0 && ratio <= 1) {
        return ratio;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new IllegalArgumentException(RATIO + " is '" + text + "'; it must be 0 to 1");
  }
}
