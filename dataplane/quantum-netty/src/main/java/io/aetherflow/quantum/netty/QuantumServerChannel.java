package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.function.Function;

/**
 * A UDP port that lets clients in; its children are the streams that they open, or their
 * connections, as {@link QuantumTransport} was asked. In a {@link QuantumEventLoopGroup} of epoll
 * it has a socket per event loop. Closing it lets nobody in any more, and frees the port when the
 * last connection is over.
 */
public final class QuantumServerChannel extends AbstractServerChannel {
  private final QuantumTransport transport;
  private final ConnectionConfig connections;
  private final ConnectionOwner owner;
  private final QuantumChannelConfig config = new QuantumChannelConfig(this, false);
  private ServerSockets sockets;
  private volatile boolean closed;

  /**
   * @param connections how the clients' connections behave
   * @param owner makes what owns them, until they have a channel
   */
  QuantumServerChannel(
      QuantumTransport transport,
      ConnectionConfig connections,
      Function<QuantumServerChannel, ConnectionOwner> owner) {
    this.transport = transport;
    this.connections = connections;
    this.owner = owner.apply(this);
  }

  @Override
  protected void doBind(SocketAddress local) throws Exception {
    ServerSockets bound = new ServerSockets();
    bound.bind(transport, EndpointConfig.server(connections), owner, eventLoop(), local);
    sockets = bound;
  }

  /** In the event loop of the connection, which need not be ours. */
  void letIn(Channel child) {
    if (closed) {
      child.unsafe().closeForcibly();
    } else {
      pipeline().fireChannelRead(child);
      pipeline().fireChannelReadComplete();
    }
  }

  /** A child that nobody takes must not stay open. */
  @Override
  protected DefaultChannelPipeline newChannelPipeline() {
    return new RefusingPipeline(this);
  }

  @Override
  protected void doClose() {
    closed = true;
    if (sockets != null) {
      sockets.closeWhenEmpty();
    }
  }

  /** Children come when clients open them. */
  @Override
  protected void doBeginRead() {}

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return sockets == null ? null : sockets.localAddress();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return sockets != null && !closed;
  }
}
