package io.aetherflow.operator.backup;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the keeper's environment says.
 *
 * @param cluster {@code namespace/name}
 * @param endpoints client addresses of etcd
 * @param tlsDir certificates for mutual TLS, or nothing for plain HTTP
 * @param interval between the beginnings of two snapshots
 */
record BackupSettings(
    String cluster,
    List<String> endpoints,
    Optional<Path> tlsDir,
    Path directory,
    Duration interval,
    int retention) {

  /**
   * @throws IllegalArgumentException with a sentence about the first value that is not valid
   */
  static BackupSettings from(Map<String, String> env) {
    return new BackupSettings(
        required(env, "CLUSTER"),
        Arrays.asList(required(env, "ETCD_ENDPOINTS").split(",")),
        Optional.ofNullable(env.get("ETCD_TLS_DIR")).filter(dir -> !dir.isBlank()).map(Path::of),
        Path.of(required(env, "SNAPSHOT_DIR")),
        Duration.ofSeconds(positive(env, "INTERVAL_SECONDS")),
        (int) positive(env, "RETENTION"));
  }

  private static String required(Map<String, String> env, String name) {
    return Optional.ofNullable(env.get(name))
        .filter(value -> !value.isBlank())
        .orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }

  private static long positive(Map<String, String> env, String name) {
    String text = required(env, name);
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException(
          name + " is '" + text + "'; it must be a whole number above 0");
    }
    return Long.parseLong(text);
  }
}
