package io.aetherflow.operator;

import io.aetherflow.operator.model.Listen;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the operator's environment says.
 *
 * @param namespace where the operator itself runs
 * @param watchedNamespaces whose clusters it serves; empty means all
 * @param listenAddress where its HTTP endpoints listen
 * @param podListen how the pods it makes listen
 * @param leaderElection whether several operators share the work by a Lease; renewing it is a write
 *     every few seconds
 * @param podName with which the name begins under which it holds the Lease; may be empty
 */
record OperatorSettings(
    String namespace,
    Set<String> watchedNamespaces,
    String listenAddress,
    Listen podListen,
    boolean leaderElection,
    String podName) {

  /**
   * @throws IllegalArgumentException with a sentence about the first value that is not valid
   */
  static OperatorSettings from(Map<String, String> env) {
    Set<String> watched =
        Arrays.stream(env.getOrDefault("WATCH_NAMESPACES", "").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
    return new OperatorSettings(
        env.getOrDefault("OPERATOR_NAMESPACE", "aetherflow-system"),
        watched,
        env.getOrDefault("LISTEN_ADDRESS", "0.0.0.0"),
        Listen.parse(env.getOrDefault("POD_LISTEN", "Any")),
        bool("LEADER_ELECTION", env.getOrDefault("LEADER_ELECTION", "false")),
        env.getOrDefault("POD_NAME", ""));
  }

  private static boolean bool(String name, String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(name + " is '" + text + "'; it must be true or false");
    };
  }
}
