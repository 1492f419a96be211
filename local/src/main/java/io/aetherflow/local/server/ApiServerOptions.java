package io.aetherflow.local.server;

import java.nio.file.Path;
import java.time.Clock;

/**
 * @param stateDirectory holds {@code objects}, {@code pki}, {@code kubeconfig}, {@code api.port}
 * @param port on 127.0.0.1; 0 lets the system choose
 * @param serviceNetwork first two numbers of Service addresses
 * @param logs source of {@code pods/log}
 * @param audit told of every write
 */
public record ApiServerOptions(
    Path stateDirectory, int port, String serviceNetwork, PodLogs logs, Clock clock, Audit audit) {

  /** Without container logs and audit, on the system clock. */
  public static ApiServerOptions of(Path stateDirectory, int port) {
    return new ApiServerOptions(
        stateDirectory, port, "127.79", PodLogs.NONE, Clock.systemUTC(), Audit.NONE);
  }

  public ApiServerOptions withPort(int newPort) {
    return new ApiServerOptions(stateDirectory, newPort, serviceNetwork, logs, clock, audit);
  }

  public ApiServerOptions withLogs(PodLogs newLogs) {
    return new ApiServerOptions(stateDirectory, port, serviceNetwork, newLogs, clock, audit);
  }

  public ApiServerOptions withAudit(Audit newAudit) {
    return new ApiServerOptions(stateDirectory, port, serviceNetwork, logs, clock, newAudit);
  }
}
