package io.aetherflow.gateway;

import io.grpc.Channel;

/** The gRPC services behind the gateway. Channels are shared; callers never close them. */
public interface Backends {
  Channel sessionService();

  /** Any statesync instance. */
  Channel stateSync();

  /**
   * One statesync instance.
   *
   * @param address "ip:port" as the routing service gives it
   */
  Channel stateSyncAt(String address);
}
