package io.aetherflow.local.node;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * How the node is set up.
 *
 * @param stateDirectory holds {@code pods} and {@code bin}
 * @param network first two numbers of pod addresses
 * @param programs directories of programs that every container must see
 * @param accounts credentials by namespace and service account
 * @param env variables that every container has
 */
public record NodeOptions(
    Path stateDirectory,
    String network,
    Images images,
    LogFiles logs,
    List<Path> programs,
    BiFunction<String, String, Account> accounts,
    Map<String, String> env,
    Clock clock) {}
