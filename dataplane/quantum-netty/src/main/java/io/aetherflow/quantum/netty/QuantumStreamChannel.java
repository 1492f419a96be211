package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;

/**
 * A Quantum stream as a Netty channel: ordered bytes, both ways. A client's opens a connection of
 * its own; a server's comes from {@link QuantumServerChannel}. Closing it delivers what was written
 * and then closes the connection.
 */
public final class QuantumStreamChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** How long a closed channel tries to deliver what was written. */
  private static final long LINGER_NS = 5_000_000_000L;

  private static final int COPY_BYTES = 16 * 1024;

  /**
   * Between Netty's buffers and the core's arrays; one per event loop, since idle channels count.
   */
  private static final FastThreadLocal<byte[]> COPY =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[COPY_BYTES];
        }
      };

  private final QuantumTransport transport;
  private final QuantumChannelConfig config = new QuantumChannelConfig(this);
  private final Runnable readTask = this::readStream;
  private ConnectionDriver driver;
  private QuantumStream stream;
  private InetSocketAddress remote;
  private ChannelPromise connectPromise;
  private boolean closed;
  private boolean readPending;
  private boolean readScheduled;

  /** An unconnected client channel. */
  QuantumStreamChannel(QuantumTransport transport) {
    super(null);
    this.transport = transport;
  }

  /** A channel for a stream that a client opened. */
  QuantumStreamChannel(
      QuantumTransport transport, Channel parent, ConnectionDriver driver, QuantumStream stream) {
    super(parent);
    this.transport = transport;
    use(driver, stream);
  }

  private void use(ConnectionDriver driver, QuantumStream stream) {
    this.driver = driver;
    this.stream = stream;
    remote = Addresses.toSocket(driver.connection().peerAddress());
    stream.attach(this);
    driver.add(this);
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new StreamUnsafe();
  }

  private final class StreamUnsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      if (connectPromise != null || stream != null) {
        promise.tryFailure(new AlreadyConnectedException());
        return;
      }
      connectPromise = promise;
      try {
        startConnecting((InetSocketAddress) remote, local);
      } catch (RuntimeException | IOException e) {
        onConnectFailed(e);
      }
    }

    private void startConnecting(InetSocketAddress server, SocketAddress local) throws IOException {
      if (server.isUnresolved()) {
        throw new java.net.UnknownHostException(server.getHostString());
      }
      remote = server;
      EndpointConfig endpoint = EndpointConfig.client(transport.config());
      QuantumSocket socket = new QuantumSocket(transport, endpoint, null, eventLoop());
      socket.register(eventLoop());
      ChannelFuture connected =
          local == null
              ? socket.datagrams().connect(server)
              : socket.datagrams().connect(server, local);
      if (connected.cause() != null) {
        socket.closeWhenEmpty();
        throw new IOException("no UDP socket to " + server, connected.cause());
      }
      driver = socket.connect(server);
      socket.closeWhenEmpty();
      driver.connecting(QuantumStreamChannel.this);
      driver.wake();
    }
  }

  void onConnected(ConnectionDriver driver, QuantumStream stream) {
    use(driver, stream);
    ChannelPromise promise = connectPromise;
    connectPromise = null;
    if (promise.trySuccess()) {
      pipeline().fireChannelActive();
      readIfAuto();
    } else {
      unsafe().close(voidPromise());
    }
  }

  private void readIfAuto() {
    if (config.isAutoRead()) {
      read();
    }
  }

  void onConnectFailed(Throwable cause) {
    if (connectPromise != null) {
      ChannelPromise promise = connectPromise;
      connectPromise = null;
      promise.tryFailure(cause);
    }
    unsafe().close(voidPromise());
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    if (stream != null && (stream.readableBytes() > 0 || stream.isReadFinished())) {
      scheduleRead();
    }
  }

  private void scheduleRead() {
    if (!readScheduled) {
      readScheduled = true;
      eventLoop().execute(readTask);
    }
  }

  void onReadable() {
    if (readPending && isRegistered() && !readScheduled) {
      readStream();
    }
  }

  private void readStream() {
    readScheduled = false;
    if (!readPending || closed) {
      return;
    }
    readPending = false;
    RecvByteBufAllocator.Handle handle = unsafe().recvBufAllocHandle();
    handle.reset(config);
    boolean some = false;
    while (stream.readableBytes() > 0 && !closed) {
      some = true;
      pipeline().fireChannelRead(readOne(handle));
      if (!handle.continueReading()) {
        break;
      }
    }
    if (some) {
      handle.readComplete();
      pipeline().fireChannelReadComplete();
    }
    if (!closed && stream.isReadFinished() && stream.readableBytes() == 0) {
      unsafe().close(voidPromise());
    } else if (!some) {
      readPending = true;
    }
    // Reading grants the peer new credit, which must leave.
    driver.wake();
  }

  private ByteBuf readOne(RecvByteBufAllocator.Handle handle) {
    ByteBuf buf = handle.allocate(config.getAllocator());
    byte[] copy = COPY.get();
    int room = Math.min(buf.writableBytes(), copy.length);
    handle.attemptedBytesRead(room);
    int count = stream.read(copy, 0, room);
    buf.writeBytes(copy, 0, count);
    handle.lastBytesRead(count);
    handle.incMessagesRead(1);
    return buf;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer outbound) {
    boolean moved = true;
    while (moved && outbound.current() != null) {
      moved = writeOne((ByteBuf) outbound.current(), outbound);
    }
    driver.wake();
  }

  /** False if the stream takes no more now; a writable event follows then. */
  private boolean writeOne(ByteBuf message, ChannelOutboundBuffer outbound) {
    byte[] copy = COPY.get();
    while (message.isReadable()) {
      int count = Math.min(message.readableBytes(), copy.length);
      message.getBytes(message.readerIndex(), copy, 0, count);
      int taken = stream.write(copy, 0, count);
      outbound.progress(taken);
      message.skipBytes(taken);
      if (taken < count) {
        return false;
      }
    }
    outbound.remove();
    return true;
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

  void onBroken(IOException cause) {
    onConnectionClosed(cause);
  }

  /**
   * @param cause null for an orderly end
   */
  void onConnectionClosed(IOException cause) {
    if (closed) {
      return;
    }
    if (!isRegistered()) {
      // Nobody has seen it yet; its registration fails, and the connection must not wait for it.
      doClose();
      return;
    }
    if (stream.readableBytes() > 0 && cause == null) {
      readPending = true;
      readStream();
    }
    if (cause != null) {
      pipeline().fireExceptionCaught(cause);
    }
    unsafe().close(voidPromise());
  }

  @Override
  protected void doClose() {
    if (closed) {
      return;
    }
    closed = true;
    if (driver == null) {
      return;
    }
    if (stream != null) {
      driver.remove(this);
      stream.finish();
      stream.stop(0);
    }
    driver.connection().closeWhenDelivered(LINGER_NS, driver.socket().nowNs());
    driver.wake();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException("give the local address to connect");
  }

  /** Null before {@code connect}. */
  Connection connection() {
    return driver == null ? null : driver.connection();
  }

  /** The event loop of the socket, or null before there is one. */
  EventLoop home() {
    return driver == null ? null : driver.socket().eventLoop();
  }

  /** A stream lives on the loop of its socket. */
  @Override
  protected boolean isCompatible(EventLoop loop) {
    return driver == null || driver.socket().eventLoop() == loop;
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
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return stream != null && !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
