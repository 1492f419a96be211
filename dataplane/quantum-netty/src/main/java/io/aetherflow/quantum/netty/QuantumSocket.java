package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A UDP socket and the connections on it: only translates between datagrams and the core. Runs on
 * its event loop alone.
 */
final class QuantumSocket extends ChannelInboundHandlerAdapter {
  /** Room for the largest datagram that can arrive uncut. */
  private static final int RECEIVE_BYTES = 2048;

  /** Datagrams per turn of the event loop, so that one socket cannot starve the others. */
  private static final int DATAGRAMS_PER_TURN = 64;

  /** Packets that one connection may send per turn, for the same reason. */
  private static final int PACKETS_PER_TURN = 64;

  /** What the socket should hold while the event loop is busy; the kernel may clip it. */
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;

  /**
   * How often in a row "port unreachable" must come, with no datagram between, before an open
   * connection is given up. One such message is easily forged; the end of a process brings one for
   * each packet.
   */
  private static final int REFUSALS_MAX = 3;

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(QuantumSocket.class);

  /** Once per process is enough. */
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final QuantumTransport transport;
  private final Endpoint endpoint;
  private final NioDatagramChannel datagrams = new NioDatagramChannel();
  private final byte[] in = new byte[RECEIVE_BYTES];
  private final byte[] answer = new byte[ConnectionConfig.DATAGRAM_BYTES];
  private final byte[] out = new byte[ConnectionConfig.DATAGRAM_BYTES];
  private final ArrayDeque<ConnectionDriver> dirty = new ArrayDeque<>();
  private final long originNs = System.nanoTime();
  private final Acceptor acceptor;
  private InetSocketAddress lastSender;
  private PeerAddress lastPeer;
  private volatile QuantumTransport.Totals totals = QuantumTransport.Totals.NONE;
  private int refusals;
  private boolean closing;

  /** Takes the streams of connections that clients open; null for a client's socket. */
  interface Acceptor {
    void onStream(ConnectionDriver driver, io.aetherflow.quantum.stream.QuantumStream stream);
  }

  QuantumSocket(QuantumTransport transport, EndpointConfig config, Acceptor acceptor) {
    this.transport = transport;
    this.acceptor = acceptor;
    endpoint = new Endpoint(config, transport.random());
    endpoint.setTrace(transport.trace());
    datagrams.config().setOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES);
    datagrams.config().setOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    datagrams
        .config()
        .setRecvByteBufAllocator(
            new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(DATAGRAMS_PER_TURN));
    datagrams.pipeline().addLast(this);
  }

  /** Registers with the caller's event loop, in which this must be called. */
  void register(EventLoop loop) {
    loop.register(datagrams);
    transport.add(this);
    warnOfSmallBuffers();
  }

  /** A clipped buffer loses datagrams while the event loop is busy, which looks like a bad path. */
  private void warnOfSmallBuffers() {
    Integer bytes = datagrams.config().getOption(ChannelOption.SO_RCVBUF);
    if (bytes != null && bytes < SOCKET_BUFFER_BYTES && WARNED.compareAndSet(false, true)) {
      LOGGER.warn(
          "The kernel gives UDP sockets {} bytes of receive buffer instead of {};"
              + " raise net.core.rmem_max (and wmem_max).",
          bytes,
          SOCKET_BUFFER_BYTES);
    }
  }

  NioDatagramChannel datagrams() {
    return datagrams;
  }

  EventLoop eventLoop() {
    return datagrams.eventLoop();
  }

  long nowNs() {
    return System.nanoTime() - originNs;
  }

  ConnectionDriver connect(InetSocketAddress server) {
    Connection connection = endpoint.connect(Addresses.toPeer(server), nowNs());
    return new ConnectionDriver(this, connection, acceptor);
  }

  void setTuning(TransportTuning tuning) {
    eventLoop()
        .execute(() -> {
          for (Connection connection : endpoint.connections()) {
            connection.setTuning(tuning, nowNs());
            driverOf(connection).wake();
          }
        });
  }

  /** As of the last {@link #countAgain}; from any thread. */
  QuantumTransport.Totals totals() {
    return totals;
  }

  void countAgain() {
    eventLoop()
        .execute(() -> {
          QuantumTransport.Totals sum = QuantumTransport.Totals.NONE;
          for (Connection each : endpoint.connections()) {
            sum =
                sum.plus(
                    new QuantumTransport.Totals(
                        1, each.bytesInFlight(), each.congestionWindowBytes()));
          }
          totals = sum;
        });
  }

  /** Lets no one in; the socket closes when its last connection is over. */
  void closeWhenEmpty() {
    closing = true;
    endpoint.stopAccepting();
    closeIfEmpty();
  }

  private void closeIfEmpty() {
    if (closing && endpoint.connectionCount() == 0 && datagrams.isOpen()) {
      transport.remove(this);
      datagrams.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    refusals = 0;
    try {
      onDatagram(packet.content(), packet.sender());
    } finally {
      packet.release();
    }
  }

  private void onDatagram(ByteBuf content, InetSocketAddress sender) {
    int length = content.readableBytes();
    if (length > in.length) {
      return;
    }
    content.readBytes(in, 0, length);
    if (!sender.equals(lastSender)) {
      lastSender = sender;
      lastPeer = Addresses.toPeer(sender);
    }
    Connection connection = endpoint.onDatagram(lastPeer, in, 0, length, answer, nowNs());
    if (endpoint.answerBytes() > 0) {
      send(answer, endpoint.answerBytes(), sender);
      datagrams.flush();
    }
    if (connection != null) {
      enqueue(driverOf(connection));
    }
  }

  private ConnectionDriver driverOf(Connection connection) {
    if (connection.attachment() == null) {
      return new ConnectionDriver(this, connection, acceptor);
    }
    return (ConnectionDriver) connection.attachment();
  }

  private void enqueue(ConnectionDriver driver) {
    if (!driver.isDirty) {
      driver.isDirty = true;
      dirty.add(driver);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    for (ConnectionDriver driver = dirty.poll(); driver != null; driver = dirty.poll()) {
      driver.isDirty = false;
      driver.wake();
    }
  }

  /** A client's connected socket learns from the system that nobody listens there. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (acceptor != null || !(cause instanceof PortUnreachableException)) {
      return;
    }
    refusals++;
    for (Connection connection : endpoint.connections()) {
      boolean opening = connection.state() == ConnectionState.CONNECTING;
      if (opening || refusals >= REFUSALS_MAX) {
        driverOf(connection).onRefused(cause);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    for (Connection connection : endpoint.connections()) {
      driverOf(connection).onSocketClosed();
    }
    endpoint.close();
  }

  /** Sends what a connection may send now; true if there may be more after this turn. */
  boolean transmit(Connection connection, ConnectionDriver driver) {
    int packets = 0;
    while (packets < PACKETS_PER_TURN) {
      int length = connection.pollTransmit(nowNs(), out, 0);
      if (length == 0) {
        break;
      }
      send(out, length, driver.socketAddress(connection.transmitTo()));
      packets++;
    }
    if (packets > 0) {
      datagrams.flush();
    }
    return packets == PACKETS_PER_TURN;
  }

  private void send(byte[] buf, int length, InetSocketAddress to) {
    ByteBuf content = datagrams.alloc().directBuffer(length).writeBytes(buf, 0, length);
    datagrams.write(new DatagramPacket(content, to), datagrams.voidPromise());
  }

  void remove(Connection connection) {
    endpoint.remove(connection);
    closeIfEmpty();
  }
}
