package io.aetherflow.local.node;

import io.aetherflow.local.store.Objects;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * What every pod of the node shares.
 *
 * @param pods directory of the pods' own directories
 * @param accounts credentials by namespace and service account
 * @param env variables that every container has
 */
record NodeContext(
    Objects objects,
    Loop loop,
    Clock clock,
    Images images,
    Launcher launcher,
    LogFiles logs,
    NodeEvents events,
    PodIps ips,
    Path pods,
    boolean privileged,
    BiFunction<String, String, Account> accounts,
    Map<String, String> env) {}
