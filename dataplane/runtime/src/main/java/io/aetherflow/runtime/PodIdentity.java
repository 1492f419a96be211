package io.aetherflow.runtime;

import java.time.Instant;

/**
 * Who this process is.
 *
 * @param name pod name; also the instance name in discovery
 * @param uid pod UID; empty outside Kubernetes
 * @param ip address that others dial
 * @param listenAddress address to bind, {@code 0.0.0.0} for all
 * @param service name in discovery, for example {@code session-service}
 * @param startedAt when this process started
 */
public record PodIdentity(
    String name,
    String namespace,
    String uid,
    String ip,
    String listenAddress,
    String cluster,
    String service,
    Instant startedAt) {}
