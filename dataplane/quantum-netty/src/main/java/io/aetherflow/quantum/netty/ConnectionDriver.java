package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Moves one connection: events to stream channels, packets to the socket, its next deadline to the
 * event loop, in which everything here runs.
 */
final class ConnectionDriver implements ConnectionListener {
  /** How long a closed connection tries to deliver what was written. */
  private static final long LINGER_NS = 5_000_000_000L;

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(ConnectionDriver.class);

  private final QuantumSocket socket;
  private final Connection connection;
  private final Set<QuantumStreamChannel> channels = new LinkedHashSet<>();
  private final Runnable alarm = this::onAlarm;
  private final Runnable again = this::wake;
  private ConnectionOwner owner;
  private PeerAddress lastPeer;
  private InetSocketAddress lastSocketAddress;
  private Future<?> alarmTask;
  private long alarmNs = Long.MAX_VALUE;
  private boolean driving;
  private boolean driveAgain;
  private boolean removed;
  boolean isDirty;
  boolean isBlocked;

  ConnectionDriver(QuantumSocket socket, Connection connection, ConnectionOwner owner) {
    this.socket = socket;
    this.connection = connection;
    this.owner = owner;
    connection.attach(this);
  }

  Connection connection() {
    return connection;
  }

  QuantumSocket socket() {
    return socket;
  }

  /** Another owner takes the connection over. */
  void handTo(ConnectionOwner owner) {
    this.owner = owner;
  }

  void add(QuantumStreamChannel channel) {
    channels.add(channel);
  }

  void remove(QuantumStreamChannel channel) {
    if (channels.remove(channel)) {
      owner.onStreamClosed(this);
    }
  }

  /** The channels of its streams; a copy. */
  List<QuantumStreamChannel> channels() {
    return List.copyOf(channels);
  }

  /** Ends the connection in order; what was written has some time to arrive. */
  void closeWhenDelivered() {
    connection.closeWhenDelivered(LINGER_NS, socket.nowNs());
  }

  InetSocketAddress socketAddress(PeerAddress peer) {
    if (!peer.equals(lastPeer)) {
      lastPeer = peer;
      lastSocketAddress = Addresses.toSocket(peer);
    }
    return lastSocketAddress;
  }

  /** Something changed: tell, send, set the alarm. A call from inside only asks for one more. */
  void wake() {
    if (driving) {
      driveAgain = true;
      return;
    }
    if (removed) {
      return;
    }
    driving = true;
    try {
      drive();
    } catch (RuntimeException | Error e) {
      onFault(e);
    } finally {
      driving = false;
    }
    settle();
  }

  private void drive() {
    boolean more;
    do {
      driveAgain = false;
      connection.deliverEvents(this);
      more = socket.transmit(connection, this);
    } while (driveAgain);
    if (more) {
      wakeLater();
    }
  }

  /** A fault of our own must end this connection, and no other. */
  private void onFault(Throwable cause) {
    LOGGER.warn("A fault ends connection {}.", connection.guuid(), cause);
    cancelAlarm();
    fail(new IOException("a fault of our own ended the connection", cause));
    forget();
  }

  /** In the next turn of the event loop. */
  void wakeLater() {
    socket.eventLoop().execute(again);
  }

  private void settle() {
    if (removed) {
      return;
    }
    if (connection.state() == ConnectionState.CLOSED) {
      cancelAlarm();
      // What has arrived can be read even after the connection is over.
      if (channels.isEmpty()) {
        forget();
      }
      return;
    }
    long nextNs = connection.nextTimeoutNs();
    // A later deadline waits for the earlier alarm: most alarms move back with every packet.
    if (nextNs < alarmNs) {
      cancelAlarm();
      alarmNs = nextNs;
      long delayNs = Math.max(nextNs - socket.nowNs(), 0);
      alarmTask = socket.eventLoop().schedule(alarm, delayNs, TimeUnit.NANOSECONDS);
    }
  }

  private void forget() {
    if (!removed) {
      removed = true;
      socket.remove(connection);
    }
  }

  private void cancelAlarm() {
    if (alarmTask != null) {
      alarmTask.cancel(false);
      alarmTask = null;
    }
    alarmNs = Long.MAX_VALUE;
  }

  private void onAlarm() {
    alarmTask = null;
    alarmNs = Long.MAX_VALUE;
    if (removed || !socket.datagrams().isOpen()) {
      return;
    }
    long nowNs = socket.nowNs();
    try {
      if (connection.nextTimeoutNs() <= nowNs) {
        connection.onTimeout(nowNs);
      }
    } catch (RuntimeException | Error e) {
      onFault(e);
    }
    wake();
  }

  void onRefused(Throwable cause) {
    connection.close(0, "refused", socket.nowNs());
    fail(new IOException("Quantum connection refused: " + cause.getMessage(), cause));
    wake();
  }

  /** All connections end with their socket. */
  void onSocketClosed() {
    cancelAlarm();
    connection.close(0, "the UDP socket was closed", socket.nowNs());
    fail(new IOException("the UDP socket was closed"));
    forget();
  }

  @Override
  public void onEstablished() {
    owner.onEstablished(this);
  }

  @Override
  public void onOpened(QuantumStream stream) {
    owner.onOpened(this, stream);
  }

  @Override
  public void onReadable(QuantumStream stream) {
    if (stream.attachment() instanceof QuantumStreamChannel channel) {
      channel.onReadable();
    }
  }

  @Override
  public void onWritable(QuantumStream stream) {
    if (stream.attachment() instanceof QuantumStreamChannel channel) {
      channel.onWritable();
    }
  }

  @Override
  public void onReset(QuantumStream stream) {
    if (stream.attachment() instanceof QuantumStreamChannel channel) {
      channel.onEvent(new StreamEvent.Reset(stream.peerErrorCode()));
    }
  }

  @Override
  public void onStopped(QuantumStream stream) {
    if (stream.attachment() instanceof QuantumStreamChannel channel) {
      channel.onEvent(new StreamEvent.Stopped(stream.peerErrorCode()));
    }
  }

  @Override
  public void onClosed(QuantumStream stream) {}

  @Override
  public void onStreamsAvailable() {
    owner.onStreamsAvailable(this);
  }

  @Override
  public void onClosed(CloseReason reason) {
    fail(reason.isOrderly() ? null : new QuantumClosedException(reason));
  }

  private void fail(IOException cause) {
    for (QuantumStreamChannel channel : channels()) {
      channel.onConnectionClosed(cause);
    }
    owner.onClosed(this, cause);
  }
}
