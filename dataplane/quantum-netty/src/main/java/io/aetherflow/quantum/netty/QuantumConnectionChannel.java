package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import io.aetherflow.quantum.stream.StreamLimits;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * A Quantum connection as a Netty channel: the parent of its streams. It carries no bytes itself;
 * what it reads are the streams that the peer opens, for a {@link QuantumStreamAcceptor} to bring
 * to life. A client:
 *
 * <pre>{@code
 * var connection =
 *     (QuantumConnectionChannel)
 *         new Bootstrap()
 *             .group(new QuantumEventLoopGroup(1, "client"))
 *             .channelFactory(transport.clientConnections())
 *             .handler(new QuantumStreamAcceptor(handlerOfTheServersStreams))
 *             .connect(server)
 *             .sync()
 *             .channel();
 * Channel stream = connection.openStream(handlerOfOurStream).sync().getNow();
 * stream.writeAndFlush(request).addListener(QuantumStreamChannel.SHUTDOWN_OUTPUT);
 * }</pre>
 *
 * <p>A server has {@code serverConnections()} and a child handler that adds a {@code
 * QuantumStreamAcceptor}. Closing the connection closes its streams; what they had written has five
 * seconds to arrive. An end that is not in order is told as {@link QuantumClosedException}. After
 * an orderly one by the peer, what has arrived on a stream can still be read. All methods may be
 * called from any thread.
 */
public final class QuantumConnectionChannel extends DriverChannel {
  /**
   * Streams that may wait to be opened, against a peer that grants none while more are asked for.
   */
  static final int WAITING_MAX = 4096;

  private final QuantumChannelConfig config = new QuantumChannelConfig(this, false);
  private final QuantumTransport transport;
  private final StreamLimits limits;

  /** Streams of the peer for which nobody has asked yet, at most as many as it may have open. */
  private final ArrayDeque<QuantumStreamChannel> arrived = new ArrayDeque<>();

  /** Those of ours that wait until the peer grants more. */
  private final ArrayDeque<Opening> waiting = new ArrayDeque<>();

  private ChannelPromise connecting;
  private Farewell farewell;
  private boolean over;
  private boolean readPending;
  private volatile boolean established;

  private record Opening(ChannelHandler handler, Promise<QuantumStreamChannel> promise) {}

  private record Farewell(long errorCode, String text) {}

  /** An unconnected client. */
  QuantumConnectionChannel(QuantumTransport transport, StreamLimits limits) {
    super(null);
    this.transport = transport;
    this.limits = limits;
  }

  /** A client that a server has let in. */
  QuantumConnectionChannel(QuantumServerChannel parent, ConnectionDriver driver) {
    super(parent);
    transport = null;
    limits = null;
    this.driver = driver;
    remote = Addresses.toSocket(driver.connection().peerAddress());
    established = true;
    driver.handTo(new Owner());
  }

  /** Refuses streams of the peer that nobody takes. */
  @Override
  protected DefaultChannelPipeline newChannelPipeline() {
    return new RefusingPipeline(this);
  }

  @Override
  void doConnect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
    if (driver != null || connecting != null) {
      promise.tryFailure(new AlreadyConnectedException());
      return;
    }
    connecting = promise;
    try {
      ConnectionConfig connection = transport.config(limits);
      driver = ClientSocket.connect(transport, connection, eventLoop(), remote, local, new Owner());
      this.remote = (InetSocketAddress) remote;
      driver.wake();
    } catch (RuntimeException | IOException e) {
      failConnecting(e);
    }
  }

  private void failConnecting(Throwable cause) {
    ChannelPromise promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(cause);
      unsafe().close(voidPromise());
    }
  }

  /**
   * Opens a stream. The peer hears of it with the first bytes, or with its end.
   *
   * @param handler of the stream's channel
   * @return when the stream is open: at once, or when the peer grants more streams, those that wait
   *     in the order of their calls; can be cancelled before; fails when the connection is over, or
   *     with {@link RejectedExecutionException} when 4,096 wait already
   */
  public Future<QuantumStreamChannel> openStream(ChannelHandler handler) {
    Promise<QuantumStreamChannel> promise = eventLoop().newPromise();
    Opening opening = new Opening(handler, promise);
    onLoop(() -> {
      if (closed || over) {
        promise.tryFailure(new ClosedChannelException());
      } else if (!established) {
        promise.tryFailure(new NotYetConnectedException());
      } else if (isFull()) {
        promise.tryFailure(
            new RejectedExecutionException(
                WAITING_MAX + " streams wait to be opened, and the peer grants no more"));
      } else {
        waiting.add(opening);
        openWaiting();
        driver.wake();
      }
    });
    return promise;
  }

  private boolean isFull() {
    if (waiting.size() >= WAITING_MAX) {
      waiting.removeIf(each -> each.promise().isDone());
    }
    return waiting.size() >= WAITING_MAX;
  }

  private void openWaiting() {
    while (!waiting.isEmpty() && !closed) {
      if (waiting.peek().promise().isDone()) {
        waiting.poll();
        continue;
      }
      QuantumStream stream = driver.connection().openStream();
      if (stream == null) {
        return;
      }
      open(stream, waiting.poll());
    }
  }

  private QuantumStreamChannel newStream(QuantumStream stream) {
    return new QuantumStreamChannel(this, driver, stream, true);
  }

  private void open(QuantumStream stream, Opening opening) {
    QuantumStreamChannel channel = newStream(stream);
    channel.pipeline().addLast(opening.handler());
    eventLoop()
        .register(channel)
        .addListener(registered -> {
          if (!registered.isSuccess()) {
            channel.unsafe().closeForcibly();
            opening.promise().tryFailure(registered.cause());
          } else if (!opening.promise().trySuccess(channel)) {
            channel.close();
          }
        });
  }

  /**
   * Closes at once, streams too: what is not delivered is lost.
   *
   * @param errorCode from {@link io.aetherflow.quantum.TransportError#APPLICATION_MIN} on, or 0
   * @param text for humans; cut at 256 bytes
   */
  public Future<Void> close(long errorCode, String text) {
    onLoop(() -> {
      farewell = new Farewell(errorCode, text);
      close();
    });
    return closeFuture();
  }

  /** What the connection tells. */
  private final class Owner implements ConnectionOwner {
    @Override
    public void onEstablished(ConnectionDriver driver) {
      if (connecting == null) {
        return;
      }
      established = true;
      ChannelPromise promise = connecting;
      connecting = null;
      promise.trySuccess();
      pipeline().fireChannelActive();
      if (config.isAutoRead()) {
        read();
      }
    }

    @Override
    public void onOpened(ConnectionDriver driver, QuantumStream stream) {
      QuantumStreamChannel channel = newStream(stream);
      if (closed) {
        channel.unsafe().closeForcibly();
      } else {
        arrived.add(channel);
        deliverArrived();
      }
    }

    @Override
    public void onStreamsAvailable(ConnectionDriver driver) {
      openWaiting();
    }

    @Override
    public void onStreamClosed(ConnectionDriver driver) {}

    @Override
    public void onClosed(ConnectionDriver driver, IOException cause) {
      over = true;
      if (connecting != null) {
        failConnecting(cause == null ? new ClosedChannelException() : cause);
      } else if (cause == null) {
        onOrderlyEnd();
      } else if (!isRegistered()) {
        unsafe().closeForcibly();
      } else {
        pipeline().fireExceptionCaught(cause);
        unsafe().close(voidPromise());
      }
    }

    /** Streams that have arrived with their data are still let in. */
    private void onOrderlyEnd() {
      if (isRegistered() && arrived.isEmpty()) {
        unsafe().close(voidPromise());
      }
    }
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    if (!arrived.isEmpty() || over) {
      eventLoop().execute(this::deliverArrived);
    }
  }

  private void deliverArrived() {
    if (!readPending || closed) {
      return;
    }
    if (!arrived.isEmpty()) {
      readPending = false;
      for (var each = arrived.poll(); each != null; each = arrived.poll()) {
        pipeline().fireChannelRead(each);
      }
      pipeline().fireChannelReadComplete();
    }
    if (over) {
      unsafe().close(voidPromise());
    }
  }

  @Override
  protected void doClose() {
    if (closed) {
      return;
    }
    closed = true;
    failConnecting(new ClosedChannelException());
    waiting.forEach(each -> each.promise().tryFailure(new ClosedChannelException()));
    waiting.clear();
    arrived.forEach(each -> each.unsafe().closeForcibly());
    arrived.clear();
    if (driver != null && !over) {
      closeConnection();
    }
  }

  private void closeConnection() {
    if (farewell != null) {
      long nowNs = driver.socket().nowNs();
      driver.connection().close(farewell.errorCode(), farewell.text(), nowNs);
    }
    for (QuantumStreamChannel stream : driver.channels()) {
      stream.unsafe().close(stream.voidPromise());
    }
    driver.closeWhenDelivered();
    driver.wake();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer outbound) {
    throw new UnsupportedOperationException("a connection carries streams, not messages");
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    throw new UnsupportedOperationException("write to a stream of the connection");
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isActive() {
    return established && !closed;
  }
}
