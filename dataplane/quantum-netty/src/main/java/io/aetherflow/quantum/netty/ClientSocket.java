package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/** Opens connections, each on a socket of its own. Stateless. */
final class ClientSocket {
  private ClientSocket() {}

  /**
   * Starts a handshake, in the caller's event loop.
   *
   * @param local null for any
   */
  static ConnectionDriver connect(
      QuantumTransport transport,
      ConnectionConfig config,
      EventLoop loop,
      SocketAddress remote,
      SocketAddress local,
      ConnectionOwner owner)
      throws IOException {
    if (!(remote instanceof InetSocketAddress server)) {
      throw new IOException("not an address of UDP: " + remote);
    }
    if (server.isUnresolved()) {
      throw new UnknownHostException(server.getHostString());
    }
    QuantumSocket socket = new QuantumSocket(transport, EndpointConfig.client(config), null, loop);
    socket.register(loop);
    ChannelFuture connected =
        local == null
            ? socket.datagrams().connect(server)
            : socket.datagrams().connect(server, local);
    if (!connected.isSuccess()) {
      socket.closeWhenEmpty();
      throw new IOException("no UDP socket to " + server, connected.cause());
    }
    ConnectionDriver driver = socket.connect(server, owner);
    socket.closeWhenEmpty();
    return driver;
  }
}
