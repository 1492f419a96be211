package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A UDP socket that lets clients in; its children are the streams that they open. Closing it lets
 * nobody in any more, and frees the port when the last connection is over.
 */
public final class QuantumServerChannel extends AbstractServerChannel {
  private final QuantumTransport transport;
  private final QuantumChannelConfig config = new QuantumChannelConfig(this);
  private QuantumSocket socket;
  private boolean closed;

  QuantumServerChannel(QuantumTransport transport) {
    this.transport = transport;
  }

  @Override
  protected void doBind(SocketAddress local) throws Exception {
    EndpointConfig endpoint = EndpointConfig.server(transport.config());
    QuantumSocket bound = new QuantumSocket(transport, endpoint, this::onStream);
    bound.register(eventLoop());
    ChannelFuture binding = bound.datagrams().bind(local);
    if (binding.cause() != null) {
      bound.closeWhenEmpty();
      throw new IOException("cannot bind UDP " + local, binding.cause());
    }
    socket = bound;
  }

  private void onStream(ConnectionDriver driver, QuantumStream stream) {
    pipeline().fireChannelRead(new QuantumStreamChannel(transport, this, driver, stream));
    pipeline().fireChannelReadComplete();
  }

  @Override
  protected void doClose() {
    closed = true;
    if (socket != null) {
      socket.closeWhenEmpty();
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
    return socket == null ? null : socket.datagrams().localAddress();
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
    return socket != null && !closed;
  }
}
