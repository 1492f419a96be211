package io.aetherflow.gateway;

import io.aetherflow.runtime.transport.Transports;
import io.grpc.Channel;
import io.grpc.Status;
import java.net.InetSocketAddress;

/** The services as discovery knows them. */
record RuntimeBackends(Transports transports) implements Backends {
  static final String SESSION = "session-service";
  static final String STATE_SYNC = "statesync-service";

  @Override
  public Channel sessionService() {
    return transports.channel(SESSION);
  }

  @Override
  public Channel stateSync() {
    return transports.channel(STATE_SYNC);
  }

  @Override
  public Channel stateSyncAt(String address) {
    int colon = address.lastIndexOf(':');
    try {
      String host = address.substring(0, Math.max(0, colon));
      int port = Integer.parseInt(address.substring(colon + 1));
      return transports.channelTo(InetSocketAddress.createUnresolved(host, port));
    } catch (IllegalArgumentException e) {
      throw Status.UNAVAILABLE
          .withDescription("statesync named the owner's address '" + address + "', not ip:port")
          .asRuntimeException();
    }
  }
}
