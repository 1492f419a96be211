package io.aetherflow.runtime.testing;

import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.PodIdentity;
import io.aetherflow.runtime.RuntimeOptions;
import io.aetherflow.runtime.otlp.OtlpOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runtimes of pretended pods in the test's own JVM, on ports of the system's choice. */
public final class TestRuntimes {
  private TestRuntimes() {}

  public static AetherRuntime start(EtcdServer etcd, String service, String instance) {
    return start(List.of(etcd.endpoint()), service, instance, Duration.ofSeconds(3), "");
  }

  /**
   * @param ttl lease of the pod's keys; etcd grants no less than about 2 s
   */
  public static AetherRuntime start(
      List<URI> etcd, String service, String instance, Duration ttl, String prefix) {
    return start(etcd, service, instance, ttl, prefix, Optional.empty());
  }

  /**
   * @param etcdTlsDir certificates for etcd, as a pod has them mounted
   */
  public static AetherRuntime start(
      List<URI> etcd,
      String service,
      String instance,
      Duration ttl,
      String prefix,
      Optional<Path> etcdTlsDir) {
    return start(etcd, service, instance, "quantum", ttl, prefix, etcdTlsDir, Optional.empty());
  }

  /**
   * @param transport what its calls go over
   */
  public static AetherRuntime start(
      EtcdServer etcd, String service, String instance, String transport) {
    return start(
        List.of(etcd.endpoint()),
        service,
        instance,
        transport,
        Duration.ofSeconds(3),
        "",
        Optional.empty(),
        Optional.empty());
  }

  /**
   * @param otlp where it tells the steps of requests
   */
  public static AetherRuntime start(
      EtcdServer etcd, String service, String instance, OtlpOptions otlp) {
    return start(
        List.of(etcd.endpoint()),
        service,
        instance,
        "quantum",
        Duration.ofSeconds(3),
        "",
        Optional.empty(),
        Optional.of(otlp));
  }

  private static AetherRuntime start(
      List<URI> etcd,
      String service,
      String instance,
      String transport,
      Duration ttl,
      String prefix,
      Optional<Path> etcdTlsDir,
      Optional<OtlpOptions> otlp) {
    Clock clock = Clock.systemUTC();
    PodIdentity pod =
        new PodIdentity(
            instance,
            "default",
            "uid-" + instance,
            "127.0.0.1",
            "127.0.0.1",
            "test",
            service,
            clock.instant());
    try {
      return AetherRuntime.start(
          new RuntimeOptions(
              pod,
              config(etcd, prefix),
              transport,
              0,
              0,
              Optional.empty(),
              otlp,
              etcdTlsDir,
              ttl,
              clock));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path config(List<URI> etcd, String prefix) throws IOException {
    Path dir = Files.createTempDirectory("quantum-config");
    dir.toFile().deleteOnExit();
    Files.writeString(
        dir.resolve("etcd-endpoints"),
        etcd.stream().map(URI::toString).collect(Collectors.joining(",")));
    Files.writeString(dir.resolve("etcd-prefix"), prefix);
    for (Map.Entry<String, String> entry : Tuning.DEFAULT.entries().entrySet()) {
      String file = entry.getKey().substring("/config/".length()).replace('/', '.');
      Files.writeString(dir.resolve(file), entry.getValue());
    }
    return dir;
  }
}
