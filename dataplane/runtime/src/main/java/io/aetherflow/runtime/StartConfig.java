package io.aetherflow.runtime;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.Tuning;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the {@code quantum-config} mount says: where etcd is, and the tuning to begin with.
 *
 * @param prefix put before every key; may be empty
 */
record StartConfig(List<URI> etcdEndpoints, String prefix, Tuning tuning) {

  /**
   * @throws IOException naming the file that is missing or unusable
   */
  static StartConfig read(Path dir) throws IOException {
    List<URI> endpoints =
        Arrays.stream(text(dir, "etcd-endpoints").split(","))
            .map(String::strip)
            .filter(endpoint -> !endpoint.isEmpty())
            .map(URI::create)
            .toList();
    if (endpoints.isEmpty()) {
      throw new IOException(dir.resolve("etcd-endpoints") + " names no etcd endpoint");
    }
    Path prefix = dir.resolve("etcd-prefix");
    return new StartConfig(
        endpoints, Files.exists(prefix) ? Files.readString(prefix).strip() : "", tuning(dir));
  }

  /** The files' tuning where they hold a whole valid one, else the built-in default. */
  private static Tuning tuning(Path dir) throws IOException {
    Map<String, String> entries = new HashMap<>();
    for (String key : Tuning.DEFAULT.entries().keySet()) {
      Path file = dir.resolve(key.substring(EtcdKeys.CONFIG.length()).replace('/', '.'));
      if (Files.exists(file)) {
        entries.put(key, Files.readString(file).strip());
      }
    }
    return switch (Tuning.parse(entries)) {
      case Tuning.Parsed.Valid valid -> valid.tuning();
      case Tuning.Parsed.Rejected rejected -> Tuning.DEFAULT;
    };
  }

  private static String text(Path dir, String name) throws IOException {
    Path file = dir.resolve(name);
    if (!Files.exists(file)) {
      throw new IOException(
          file + " is missing; the pod needs the quantum-config ConfigMap mounted there");
    }
    return Files.readString(file).strip();
  }
}
