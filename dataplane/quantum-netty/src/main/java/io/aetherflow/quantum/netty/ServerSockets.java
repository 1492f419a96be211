package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.packet.Guuid;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sockets of one server port, one per event loop (SO_REUSEPORT), among which the kernel spreads
 * clients by address. A client whose address changes may so reach another socket than the one that
 * has its connection, which is found here by GUUID. Thread-safe but for binding.
 */
final class ServerSockets {
  private final List<QuantumSocket> sockets = new ArrayList<>();
  private final Map<Guuid, QuantumSocket> owners = new ConcurrentHashMap<>();

  /**
   * Binds in the caller's event loop, and in its siblings if they are epoll's.
   *
   * <p>The first socket binds without sharing, so that a port in use is refused, and shares it
   * then.
   */
  void bind(
      QuantumTransport transport,
      EndpointConfig config,
      ConnectionOwner acceptor,
      EventLoop loop,
      SocketAddress local)
      throws IOException {
    QuantumSocket first = new QuantumSocket(transport, config, acceptor, loop);
    first.register(loop);
    first.sharePort(this);
    ChannelFuture binding = first.datagrams().bind(local);
    if (binding.cause() != null) {
      first.closeWhenEmpty();
      throw new IOException("cannot bind UDP " + local, binding.cause());
    }
    sockets.add(first);
    if (loop.parent() instanceof QuantumEventLoopGroup group && DatagramChannels.isEpoll(loop)) {
      try {
        first.datagrams().config().setOption(UnixChannelOption.SO_REUSEPORT, true);
        bindSiblings(transport, config, acceptor, group, loop);
      } catch (RuntimeException e) {
        closeWhenEmpty();
        throw new IOException("cannot share UDP " + local, e);
      }
    }
  }

  private void bindSiblings(
      QuantumTransport transport,
      EndpointConfig config,
      ConnectionOwner acceptor,
      QuantumEventLoopGroup group,
      EventLoop own) {
    InetSocketAddress bound = localAddress();
    for (EventExecutor each : group) {
      if (each != own) {
        EventLoop loop = (EventLoop) each;
        QuantumSocket sibling = new QuantumSocket(transport, config, acceptor, loop);
        sibling.datagrams().config().setOption(UnixChannelOption.SO_REUSEPORT, true);
        sibling.sharePort(this);
        sockets.add(sibling);
        loop.execute(() -> {
          sibling.register(loop);
          sibling.bindOrClose(bound);
        });
      }
    }
  }

  InetSocketAddress localAddress() {
    return sockets.isEmpty() ? null : sockets.getFirst().datagrams().localAddress();
  }

  void closeWhenEmpty() {
    for (QuantumSocket socket : sockets) {
      socket.eventLoop().execute(socket::closeWhenEmpty);
    }
  }

  void add(Guuid guuid, QuantumSocket owner) {
    owners.put(guuid, owner);
  }

  void remove(Guuid guuid, QuantumSocket owner) {
    owners.remove(guuid, owner);
  }

  /** Takes a datagram that {@code finder} does not know, if another socket does. */
  boolean handOver(
      QuantumSocket finder,
      long guuidHigh,
      long guuidLow,
      PeerAddress from,
      byte[] buf,
      int off,
      int length) {
    if (sockets.size() == 1) {
      return false;
    }
    QuantumSocket owner = owners.get(new Guuid(guuidHigh, guuidLow));
    if (owner == null || owner == finder) {
      return false;
    }
    owner.takeOver(from, java.util.Arrays.copyOfRange(buf, off, off + length));
    return true;
  }
}
