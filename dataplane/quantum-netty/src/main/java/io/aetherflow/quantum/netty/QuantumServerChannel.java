package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;

/**
 * A UDP port that lets clients in; its children are the streams that they open. In a {@link
 * QuantumEventLoopGroup} of epoll it has a socket per event loop. Closing it lets nobody in any
 * more, and frees the port when the last connection is over.
 */
public final class QuantumServerChannel extends AbstractServerChannel {
  private final QuantumTransport transport;
  private final QuantumChannelConfig config = new QuantumChannelConfig(this);
  private ServerSockets sockets;
  private boolean closed;

  QuantumServerChannel(QuantumTransport transport) {
    this.transport = transport;
  }

  @Override
  protected void doBind(SocketAddress local) throws Exception {
    ServerSockets bound = new ServerSockets();
    EndpointConfig endpoint = EndpointConfig.server(transport.config());
    bound.bind(transport, endpoint, this::onStream, eventLoop(), local);
    sockets = bound;
  }

  /** In the event loop of the connection, which need not be ours. */
  private void onStream(ConnectionDriver driver, QuantumStream stream) {
    pipeline().fireChannelRead(new QuantumStreamChannel(transport, this, driver, stream));
    pipeline().fireChannelReadComplete();
  }

  @Override
  protected void doClose() {
    closed = true;
    if (sockets != null) {
      sockets.closeWhenEmpty();
    }
  }

  /** Streams come when clients open them. */
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
