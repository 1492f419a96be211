package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.Connection;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** What channels of connections and of their streams have in common. */
abstract class DriverChannel extends AbstractChannel implements LoopBound {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** Null before there is a connection. */
  ConnectionDriver driver;

  InetSocketAddress remote;
  volatile boolean closed;

  DriverChannel(Channel parent) {
    super(parent);
  }

  /** Begins a handshake; only a client's channel can. */
  abstract void doConnect(SocketAddress remote, SocketAddress local, ChannelPromise promise);

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new ConnectingUnsafe();
  }

  private final class ConnectingUnsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      if (promise.setUncancellable() && ensureOpen(promise)) {
        doConnect(remote, local, promise);
      }
    }
  }

  void onLoop(Runnable task) {
    if (eventLoop().inEventLoop()) {
      task.run();
    } else {
      eventLoop().execute(task);
    }
  }

  /** Null before {@code connect}. */
  Connection connection() {
    return driver == null ? null : driver.connection();
  }

  @Override
  public EventLoop home() {
    return driver == null ? null : driver.socket().eventLoop();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return driver == null || driver.socket().eventLoop() == loop;
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException("give the local address to connect");
  }

  @Override
  protected void doDisconnect() throws Exception {
    doClose();
  }

  @Override
  protected SocketAddress localAddress0() {
    return driver == null ? null : driver.socket().datagrams().localAddress();
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
