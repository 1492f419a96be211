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
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.ArrayDeque;

/**
 * A UDP socket and the connections on it: only translates between datagrams and the core. Runs on
 * its event loop alone.
 */
final class QuantumSocket extends ChannelInboundHandlerAdapter {
  /** Room for the largest datagram that the core takes, and some to tell longer ones. */
  static final int IN_BYTES = 2048;

  /**
   * How often in a row "port unreachable" must come, with no datagram between, before an open
   * connection is given up. One such message is easily forged; the end of a process brings one for
   * each packet.
   */
  private static final int REFUSALS_MAX = 3;

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(QuantumSocket.class);

  // One per event loop, since idle sockets count.
  private static final FastThreadLocal<byte[]> IN = buffer(IN_BYTES);
  private static final FastThreadLocal<byte[]> ANSWER = buffer(ConnectionConfig.DATAGRAM_BYTES);

  private final QuantumTransport transport;
  private final Endpoint endpoint;
  private final DatagramChannel datagrams;
  private final SendBatch batch;
  private final ArrayDeque<ConnectionDriver> dirty = new ArrayDeque<>();
  private final ArrayDeque<ConnectionDriver> blocked = new ArrayDeque<>();
  private final long originNs = System.nanoTime();
  private final ConnectionOwner acceptor;
  private final Strays strays;
  private final EventLoop loop;
  private ServerSockets port;
  private int refusals;
  private boolean refusedInTurn;
  private boolean warnedOfFault;
  private boolean closing;

  private static FastThreadLocal<byte[]> buffer(int bytes) {
    return new FastThreadLocal<>() {
      @Override
      protected byte[] initialValue() {
        return new byte[bytes];
      }
    };
  }

  /**
   * @param acceptor owns the connections that clients open; null for a client's socket
   * @param loop decides the kind of socket
   */
  QuantumSocket(
      QuantumTransport transport, EndpointConfig config, ConnectionOwner acceptor, EventLoop loop) {
    this.transport = transport;
    this.acceptor = acceptor;
    this.loop = loop;
    strays = new Strays(loop, this::onStray, this::driveDirty);
    endpoint = new Endpoint(config, transport.random());
    endpoint.setTrace(transport.trace());
    datagrams = DatagramChannels.open(loop);
    if (datagrams instanceof EpollDatagramChannel epoll && MergedReceiver.isAvailable()) {
      DatagramChannels.readBy(epoll, () -> readMerged(epoll.fd().intValue()));
    }
    batch = new SendBatch(datagrams);
    datagrams.pipeline().addLast(this);
  }

  /** Registers with the caller's event loop, in which this must be called. */
  void register(EventLoop loop) {
    loop.register(datagrams);
    transport.add(this);
    // One that came since the port was opened has missed this socket.
    endpoint.setTuning(transport.tuning(), nowNs());
    SocketBuffers.warnIfClipped(datagrams);
  }

  /** Before the socket is bound. */
  void sharePort(ServerSockets sockets) {
    port = sockets;
    endpoint.setSiblings((high, low, from, buf, off, length) ->
        sockets.handOver(this, high, low, from, buf, off, length));
  }

  /** One socket less does no harm: the kernel then gives its clients to the others. */
  void bindOrClose(InetSocketAddress local) {
    datagrams
        .bind(local)
        .addListener(bound -> {
          if (bound.cause() != null) {
            LOGGER.warn("No further socket on UDP {}.", local, bound.cause());
            closeWhenEmpty();
          }
        });
  }

  /** From any thread: a datagram of a connection of ours that came to a sibling. */
  void takeOver(PeerAddress from, byte[] datagram) {
    strays.add(from, datagram);
  }

  private void onStray(PeerAddress from, byte[] datagram) {
    if (datagrams.isOpen()) {
      onDatagram(from, datagram, datagram.length, false);
    }
  }

  DatagramChannel datagrams() {
    return datagrams;
  }

  EventLoop eventLoop() {
    return loop;
  }

  long nowNs() {
    return System.nanoTime() - originNs;
  }

  ConnectionDriver connect(InetSocketAddress server, ConnectionOwner owner) {
    Connection connection = endpoint.connect(Addresses.toPeer(server), nowNs());
    return new ConnectionDriver(this, connection, owner);
  }

  void setTuning(TransportTuning tuning) {
    if (loop.isShuttingDown()) {
      return;
    }
    eventLoop()
        .execute(() -> {
          endpoint.setTuning(tuning, nowNs());
          for (Connection connection : endpoint.connections()) {
            driverOf(connection).wake();
          }
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
    if (length <= IN_BYTES) {
      byte[] in = IN.get();
      content.readBytes(in, 0, length);
      onDatagram(Addresses.toPeer(sender), in, length, true);
    }
  }

  /** True when nothing waits any more, false when this turn has done enough. */
  private boolean readMerged(int fd) {
    MergedReceiver receiver = MergedReceiver.ofThread();
    int left = DatagramChannels.DATAGRAMS_PER_TURN;
    while (left > 0) {
      int count = receiver.receive(fd);
      if (count < 0) {
        // Whatever else the system complains of, Netty's own read will meet too.
        refusedInTurn |= count == -DatagramChannels.ECONNREFUSED;
        return true;
      }
      int before = left;
      for (int i = 0; i < count; i++) {
        left -= onMerged(receiver, i);
      }
      if (before - left == 1) {
        // Sparse traffic: Netty's own read finds out that this was all.
        return true;
      }
    }
    return false;
  }

  /** Takes one or many datagrams; returns how many. */
  private int onMerged(MergedReceiver receiver, int message) {
    refusals = 0;
    byte[] in = IN.get();
    PeerAddress from = receiver.sender(message);
    int bytes = receiver.bytes(message);
    int segmentBytes = receiver.segmentBytes(message);
    int count = 0;
    int at = 0;
    do {
      int length = Math.min(segmentBytes, bytes - at);
      if (length >= 0 && length <= IN_BYTES) {
        receiver.copy(message, at, in, length);
        onDatagram(from, in, length, true);
      }
      at += length;
      count++;
    } while (at < bytes);
    return count;
  }

  /**
   * @param answers whether to answer a stranger
   */
  private void onDatagram(PeerAddress from, byte[] buf, int length, boolean answers) {
    byte[] answer = ANSWER.get();
    Connection connection = endpoint.onDatagram(from, buf, 0, length, answer, nowNs());
    if (endpoint.answerBytes() > 0 && answers) {
      batch.write(answer, endpoint.answerBytes(), Addresses.toSocket(from));
      datagrams.flush();
    }
    if (connection != null) {
      enqueue(driverOf(connection));
    }
  }

  private ConnectionDriver driverOf(Connection connection) {
    if (connection.attachment() == null) {
      if (port != null) {
        port.add(connection.guuid(), this);
      }
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
    if (refusedInTurn) {
      refusedInTurn = false;
      onRefused(new PortUnreachableException());
    }
    driveDirty();
  }

  private void driveDirty() {
    for (ConnectionDriver driver = dirty.poll(); driver != null; driver = dirty.poll()) {
      driver.isDirty = false;
      driver.wake();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (DatagramChannels.isUnreachable(cause)) {
      onRefused(cause);
    } else if (!(cause instanceof OwnReads.TurnOver) && !warnedOfFault) {
      // What was lost comes again by retransmission; once per socket is enough to look for it.
      warnedOfFault = true;
      LOGGER.warn("A fault on {}.", datagrams, cause);
    }
  }

  /** A client's connected socket learns from the system that nobody listens there. */
  private void onRefused(Throwable cause) {
    if (acceptor != null) {
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
    transport.remove(this);
  }

  /**
   * Sends what a connection may send now; true if there may be more after this turn. While the
   * kernel takes no more, packets stay unbuilt, where they can still change.
   */
  boolean transmit(Connection connection, ConnectionDriver driver) {
    if (!datagrams.isWritable()) {
      block(driver);
      return false;
    }
    long nowNs = nowNs();
    int packets = 0;
    batch.begin();
    while (packets < SendBatch.PACKETS_MAX) {
      int length = connection.pollTransmit(nowNs, batch.buf(), batch.end());
      if (length == 0) {
        break;
      }
      batch.add(length, driver.socketAddress(connection.transmitTo()));
      packets++;
    }
    if (packets > 0) {
      batch.finish();
      datagrams.flush();
    }
    return packets == SendBatch.PACKETS_MAX;
  }

  private void block(ConnectionDriver driver) {
    if (!driver.isBlocked) {
      driver.isBlocked = true;
      blocked.add(driver);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    while (datagrams.isWritable() && !blocked.isEmpty()) {
      ConnectionDriver driver = blocked.poll();
      driver.isBlocked = false;
      driver.wakeLater();
    }
  }

  void remove(Connection connection) {
    endpoint.remove(connection);
    if (port != null) {
      port.remove(connection.guuid(), this);
    }
    closeIfEmpty();
  }
}
