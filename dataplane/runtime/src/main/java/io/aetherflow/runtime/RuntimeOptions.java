package io.aetherflow.runtime;

import io.aetherflow.runtime.otlp.OtlpOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a pod's runtime is set up.
 *
 * @param configDir mount of the {@code quantum-config} ConfigMap
 * @param healthPort TCP port of {@code /healthz} and {@code /readyz}; 0 for any
 * @param metricsPort TCP port of {@code /metrics}; 0 for any
 * @param qlogDir where connections are traced; empty for nowhere
 * @param otlp where the steps of requests are told; empty for nowhere
 * @param etcdTlsDir mount of the certificates for etcd; empty for plain HTTP
 * @param sessionTtl lease of everything this pod says about itself in etcd
 */
public record RuntimeOptions(
    PodIdentity pod,
    Path configDir,
    String transport,
    int healthPort,
    int metricsPort,
    Optional<Path> qlogDir,
    Optional<OtlpOptions> otlp,
    Optional<Path> etcdTlsDir,
    Duration sessionTtl,
    Clock clock) {

  private static final Duration SESSION_TTL = Duration.ofSeconds(30);

  /**
   * @throws IllegalArgumentException naming the variable that is missing or malformed
   */
  public static RuntimeOptions fromEnvironment(Map<String, String> env) {
    Clock clock = Clock.systemUTC();
    PodIdentity pod =
        new PodIdentity(
            required(env, "POD_NAME"),
            env.getOrDefault("POD_NAMESPACE", "default"),
            env.getOrDefault("POD_UID", ""),
            required(env, "POD_IP"),
            env.getOrDefault("LISTEN_ADDRESS", "0.0.0.0"),
            env.getOrDefault("AETHERFLOW_CLUSTER", ""),
            required(env, "AETHERFLOW_SERVICE"),
            clock.instant());
    return new RuntimeOptions(
        pod,
        Path.of(env.getOrDefault("QUANTUM_CONFIG_DIR", "/etc/aetherflow/quantum")),
        env.getOrDefault("AETHERFLOW_TRANSPORT", "quantum"),
        port(env, "HEALTH_PORT", 8081),
        port(env, "METRICS_PORT", 9464),
        Optional.ofNullable(env.get("AETHERFLOW_QLOG_DIR"))
            .filter(dir -> !dir.isBlank())
            .map(Path::of),
        OtlpOptions.fromEnvironment(env),
        Optional.ofNullable(env.get("ETCD_TLS_DIR")).filter(dir -> !dir.isBlank()).map(Path::of),
        SESSION_TTL,
        clock);
  }

  private static String required(Map<String, String> env, String name) {
    String value = env.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "environment variable " + name + " is not set; the operator's pod template sets it");
    }
    return value;
  }

  private static int port(Map<String, String> env, String name, int fallback) {
    String value = env.get(name);
    try {
      return value == null ? fallback : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is '" + value + "'; it must be a port number", e);
    }
  }
}
