package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionConfig;

/**
 * How an endpoint treats strangers. Immutable.
 *
 * @param connection for accepted connections
 * @param accepts whether SYNs are welcome at all
 * @param connectionsMax caps the memory of all connections together
 * @param halfOpenMax clients that have not proved their address, before they need a token; caps the
 *     memory that spoofed SYNs can take
 */
public record EndpointConfig(
    ConnectionConfig connection, boolean accepts, int connectionsMax, int halfOpenMax) {
  /** Sizes for a server in a pod. */
  public static EndpointConfig server(ConnectionConfig connection) {
    return new EndpointConfig(connection, true, 65_536, 256);
  }

  /** An endpoint that only opens connections. */
  public static EndpointConfig client(ConnectionConfig connection) {
    return new EndpointConfig(connection, false, 65_536, 0);
  }

  EndpointConfig withTuning(TransportTuning tuning) {
    return new EndpointConfig(connection.withTuning(tuning), accepts, connectionsMax, halfOpenMax);
  }
}
