package io.aetherflow.quantum.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * Event loops of daemon threads for Quantum channels: epoll's where it is available, else NIO's. A
 * stream is registered with the loop of its socket, so a server may have one socket per loop; boss
 * and worker group must then be this same group. Thread-safe.
 */
public final class QuantumEventLoopGroup extends MultiThreadIoEventLoopGroup {
  private final EventExecutor[] loops;

  /**
   * @param loops threads, 0 for Netty's default
   * @param name of the threads
   */
  public QuantumEventLoopGroup(int loops, String name) {
    this(
        loops, name, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  /**
   * @param io epoll's or NIO's
   */
  public QuantumEventLoopGroup(int loops, String name, IoHandlerFactory io) {
    super(loops, new DefaultThreadFactory(name, true), io);
    this.loops = StreamSupport.stream(spliterator(), false).toArray(EventExecutor[]::new);
  }

  /** A TCP port of the kind that a group made by name drives, for servers that speak both. */
  public static ServerSocketChannel newTcpServerChannel() {
    return Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
  }

  @Override
  public ChannelFuture register(Channel channel) {
    EventLoop home = home(channel);
    return home == null ? super.register(channel) : home.register(channel);
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    EventLoop home = home(promise.channel());
    return home == null ? super.register(promise) : home.register(promise);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return timerLoop().schedule(command, delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return timerLoop().schedule(callable, delay, unit);
  }

  /**
   * The caller's own loop if it is on one: gRPC sets and cancels a timer for the deadline of every
   * call, and each would wake another loop twice.
   */
  private EventExecutor timerLoop() {
    for (EventExecutor loop : loops) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    return next();
  }

  private static EventLoop home(Channel channel) {
    return channel instanceof LoopBound bound ? bound.home() : null;
  }
}
