package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import io.aetherflow.quantum.stream.SendState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Quantum stream as a Netty channel: ordered bytes, both ways.
 *
 * <p>On a {@link QuantumConnectionChannel} there may be many, and each half ends by itself: {@link
 * #shutdownOutput} after what was flushed, the peer's end as {@link ChannelInputShutdownEvent}, a
 * reset or stop as {@link StreamEvent}. When both are over the channel closes. Closing it ends the
 * sending half and stops the receiving one.
 *
 * <p>A channel without such a parent has a connection of its own, which ends with it, and {@link
 * ChannelOption#ALLOW_HALF_CLOSURE} is off: the end of one half closes it. Only a stop by the peer
 * does not, for one that closes still has last bytes on the way; writes lead nowhere from then on.
 */
public final class QuantumStreamChannel extends DriverChannel implements DuplexChannel {
  /** Ends the sending half after a write. */
  public static final ChannelFutureListener SHUTDOWN_OUTPUT =
      future -> ((DuplexChannel) future.channel()).shutdownOutput();

  /** Between two droppings of what is written for a peer that wants no more. */
  private static final int DROP_MILLIS = 5;

  private final SoleStream sole;
  private final QuantumChannelConfig config;
  private final StreamReading reading = new StreamReading(this);
  private QuantumStream stream;
  private List<StreamEvent> early;
  private ChannelPromise outputShutdownPromise;
  private volatile boolean inputOver;
  private volatile boolean outputOver;
  private boolean connectionOver;
  private boolean dropping;

  /** An unconnected client channel. */
  QuantumStreamChannel(QuantumTransport transport) {
    super(null);
    sole = new SoleStream(transport, this);
    config = new QuantumChannelConfig(this, false);
  }

  /** A channel for a stream of an open connection. */
  QuantumStreamChannel(
      Channel parent, ConnectionDriver driver, QuantumStream stream, boolean allowHalfClosure) {
    super(parent);
    sole = null;
    config = new QuantumChannelConfig(this, allowHalfClosure);
    use(driver, stream);
  }

  private void use(ConnectionDriver driver, QuantumStream stream) {
    this.driver = driver;
    this.stream = stream;
    remote = Addresses.toSocket(driver.connection().peerAddress());
    stream.attach(this);
    driver.add(this);
  }

  /** Of the stream in its connection: even for the client's, odd for the server's. */
  public long streamId() {
    return stream == null ? -1 : stream.id();
  }

  @Override
  void doConnect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
    if (sole == null) {
      promise.tryFailure(new AlreadyConnectedException());
    } else {
      sole.connect(remote, local, promise);
    }
  }

  /** The handshake has begun. */
  void onConnecting(ConnectionDriver driver, InetSocketAddress remote) {
    this.driver = driver;
    this.remote = remote;
  }

  /** The handshake is done. */
  void onConnected(ConnectionDriver driver, QuantumStream stream, ChannelPromise promise) {
    use(driver, stream);
    if (promise.trySuccess()) {
      pipeline().fireChannelActive();
      if (config.isAutoRead()) {
        read();
      }
    } else {
      unsafe().close(voidPromise());
    }
  }

  @Override
  protected void doRegister() {
    if (early != null) {
      eventLoop()
          .execute(() -> {
            List<StreamEvent> told = early;
            early = null;
            told.forEach(this::onEvent);
          });
    }
  }

  @Override
  protected void doBeginRead() {
    if (!inputOver) {
      reading.begin();
    }
  }

  /** Null before the handshake is done. */
  QuantumStream stream() {
    return stream;
  }

  /** Whether the peer will send no more than what is here. */
  boolean isInputFinished() {
    return connectionOver || stream.isReadFinished();
  }

  void onReadable() {
    reading.onReadable();
  }

  /** Nothing comes any more, and all that came has been read. */
  void onInputOver() {
    if (inputOver) {
      return;
    }
    inputOver = true;
    reading.stop();
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    if (outputOver || connectionOver || !config.isAllowHalfClosure()) {
      unsafe().close(voidPromise());
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer outbound) {
    if (connectionOver || isStopped()) {
      dropLater();
      return;
    }
    StreamBytes.write(stream, outbound);
    if (outputShutdownPromise != null && outbound.isEmpty()) {
      eventLoop().execute(this::finishOutput);
    }
    driver.wake();
  }

  /** Whether the peer wants no more. */
  private boolean isStopped() {
    return stream.sendState() == SendState.RESET || stream.sendState() == SendState.DONE;
  }

  void onWritable() {
    ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    if (outbound != null && !closed) {
      doWrite(outbound);
    }
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    ReferenceCountUtil.touch(message);
    throw new UnsupportedOperationException("a stream takes ByteBuf, not " + message.getClass());
  }

  /** The peer has ended a half of the stream before its time. */
  void onEvent(StreamEvent event) {
    if (closed) {
      return;
    }
    if (!isRegistered()) {
      early = early == null ? new ArrayList<>(2) : early;
      early.add(event);
      return;
    }
    pipeline().fireUserEventTriggered(event);
    switch (event) {
      case StreamEvent.Reset reset -> onReset(reset);
      case StreamEvent.Stopped stopped -> onStopped();
    }
  }

  private void onReset(StreamEvent.Reset reset) {
    if (!config.isAllowHalfClosure()) {
      pipeline().fireExceptionCaught(new IOException("the peer ended the stream: " + reset));
      unsafe().close(voidPromise());
    } else {
      onInputOver();
    }
  }

  /**
   * Nobody reads what is written from now on.
   *
   * <p>A peer that closes stops what comes and ends what it sends, and the stop can arrive long
   * before its last bytes. Where both halves close together it is these that count.
   */
  private void onStopped() {
    if (config.isAllowHalfClosure()) {
      endOutput(newPromise());
    } else {
      onWritable();
    }
  }

  /**
   * What is written for a peer that wants no more leads nowhere, as to one of TCP that has closed;
   * in time, so that a writer without end keeps the event loop from nothing.
   */
  private void dropLater() {
    if (!dropping) {
      dropping = true;
      eventLoop().schedule(this::drop, DROP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void drop() {
    dropping = false;
    ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    if (outbound == null || closed) {
      return;
    }
    // Each may make a handler write more, which is for the next time.
    for (int left = outbound.size(); left > 0; left--) {
      outbound.remove();
    }
    if (outbound.isEmpty()) {
      finishOutput();
    }
  }

  /**
   * @param cause null for an orderly end
   */
  void onConnectionClosed(IOException cause) {
    if (closed) {
      return;
    }
    connectionOver = true;
    boolean unread = cause == null && stream.readableBytes() > 0;
    if (!isRegistered()) {
      // What has arrived waits for somebody to read it; without that nobody needs to know.
      if (!unread) {
        unsafe().closeForcibly();
      }
    } else if (unread) {
      onStopped();
      reading.wake();
    } else {
      if (cause != null) {
        pipeline().fireExceptionCaught(cause);
      }
      unsafe().close(voidPromise());
    }
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    onLoop(() -> {
      ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
      if (outbound == null || outbound.isEmpty() || outputShutdownPromise != null) {
        endOutput(promise);
      } else {
        outputShutdownPromise = promise;
      }
    });
    return promise;
  }

  /** Somebody may wait for the end of what was flushed. */
  private void finishOutput() {
    ChannelPromise promise = outputShutdownPromise;
    outputShutdownPromise = null;
    if (promise != null) {
      endOutput(promise);
    }
  }

  /** What has been flushed and is not with the core yet fails. */
  private void endOutput(ChannelPromise promise) {
    if (outputOver) {
      promise.trySuccess();
      return;
    }
    ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    finishOutput();
    if (outputOver && (inputOver || !config.isAllowHalfClosure()) && !hasUnread()) {
      unsafe().close(voidPromise());
    }
  }

  private boolean hasUnread() {
    return connectionOver && stream.readableBytes() > 0;
  }

  @Override
  protected void doShutdownOutput() {
    outputOver = true;
    stream.finish();
    driver.wake();
  }

  /**
   * Gives the sending half up: what has not arrived yet need not. The peer is told the code.
   *
   * @param errorCode of the user's own meaning, not negative
   */
  public ChannelFuture resetOutput(long errorCode) {
    ChannelPromise promise = newPromise();
    onLoop(() -> {
      if (stream != null) {
        stream.reset(errorCode);
      }
      endOutput(promise);
    });
    return promise;
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    return stopInput(0, promise);
  }

  /**
   * Wants no more of the peer, which is told the code: what still comes is dropped.
   *
   * @param errorCode of the user's own meaning, not negative
   */
  public ChannelFuture stopInput(long errorCode) {
    return stopInput(errorCode, newPromise());
  }

  private ChannelFuture stopInput(long errorCode, ChannelPromise promise) {
    onLoop(() -> {
      if (stream == null || closed) {
        promise.tryFailure(new ClosedChannelException());
        return;
      }
      stream.stop(errorCode);
      driver.wake();
      promise.trySuccess();
      onInputOver();
    });
    return promise;
  }

  @Override
  protected void doClose() {
    if (closed) {
      return;
    }
    closed = true;
    inputOver = true;
    outputOver = true;
    finishOutput();
    if (sole != null) {
      sole.onChannelClosed();
    }
    if (driver == null) {
      return;
    }
    if (stream == null) {
      driver.closeWhenDelivered();
    } else {
      stream.finish();
      stream.stop(0);
      driver.remove(this);
    }
    driver.wake();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isActive() {
    return stream != null && !closed;
  }

  @Override
  public boolean isInputShutdown() {
    return inputOver;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputOver;
  }

  @Override
  public boolean isShutdown() {
    return inputOver && outputOver;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownInput();
    return shutdownOutput(promise);
  }
}
