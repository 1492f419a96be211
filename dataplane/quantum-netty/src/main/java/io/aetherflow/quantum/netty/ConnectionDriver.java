package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Moves one connection: events to stream channels, packets to the socket, its next deadline to the
 * event loop, in which everything here runs.
 */
final class ConnectionDriver implements ConnectionListener {
  private final QuantumSocket socket;
  private final Connection connection;
  private final QuantumSocket.Acceptor acceptor;
  private final List<QuantumStreamChannel> channels = new ArrayList<>();
  private final Runnable alarm = this::onAlarm;
  private final Runnable again = this::wake;
  private QuantumStreamChannel connecting;
  private PeerAddress lastPeer;
  private InetSocketAddress lastSocketAddress;
  private Future<?> alarmTask;
  private long alarmNs = Long.MAX_VALUE;
  private boolean driving;
  private boolean driveAgain;
  private boolean removed;
  boolean isDirty;
  boolean isBlocked;

  ConnectionDriver(QuantumSocket socket, Connection connection, QuantumSocket.Acceptor acceptor) {
    this.socket = socket;
    this.connection = connection;
    this.acceptor = acceptor;
    connection.attach(this);
  }

  Connection connection() {
    return connection;
  }

  QuantumSocket socket() {
    return socket;
  }

  /** This channel becomes active with the handshake. */
  void connecting(QuantumStreamChannel channel) {
    connecting = channel;
  }

  void add(QuantumStreamChannel channel) {
    channels.add(channel);
  }

  void remove(QuantumStreamChannel channel) {
    channels.remove(channel);
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
    driving = true;
    boolean more;
    try {
      do {
        driveAgain = false;
        connection.deliverEvents(this);
        more = socket.transmit(connection, this);
      } while (driveAgain);
    } finally {
      driving = false;
    }
    if (more) {
      wakeLater();
    }
    settle();
  }

  /** In the next turn of the event loop. */
  void wakeLater() {
    socket.eventLoop().execute(again);
  }

  private void settle() {
    if (connection.state() == ConnectionState.CLOSED) {
      cancelAlarm();
      if (!removed) {
        removed = true;
        socket.remove(connection);
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
    if (!socket.datagrams().isOpen()) {
      return;
    }
    long nowNs = socket.nowNs();
    if (connection.nextTimeoutNs() <= nowNs) {
      connection.onTimeout(nowNs);
    }
    wake();
  }

  void onRefused(Throwable cause) {
    connection.close(0, "refused", socket.nowNs());
    fail(new IOException("Quantum connection refused: " + cause.getMessage(), cause));
    wake();
  }

  void onSocketClosed() {
    cancelAlarm();
    connection.close(0, "the UDP socket was closed", socket.nowNs());
    fail(new IOException("the UDP socket was closed"));
  }

  @Override
  public void onEstablished() {
    if (connecting != null) {
      QuantumStreamChannel channel = connecting;
      connecting = null;
      channel.onConnected(this, connection.openStream());
    }
  }

  @Override
  public void onOpened(QuantumStream stream) {
    if (acceptor != null) {
      acceptor.onStream(this, stream);
    } else {
      stream.reset(0);
      stream.stop(0);
    }
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
      channel.onBroken(new IOException("the peer reset the stream: " + stream.peerErrorCode()));
    }
  }

  @Override
  public void onStopped(QuantumStream stream) {
    onReset(stream);
  }

  @Override
  public void onClosed(QuantumStream stream) {}

  @Override
  public void onStreamsAvailable() {}

  @Override
  public void onClosed(CloseReason reason) {
    String text = "Quantum connection closed: " + reason.cause() + " " + reason.text();
    fail(reason.isOrderly() ? null : new IOException(text));
  }

  private void fail(IOException cause) {
    if (connecting != null) {
      QuantumStreamChannel channel = connecting;
      connecting = null;
      channel.onConnectFailed(cause == null ? new IOException("closed") : cause);
    }
    for (QuantumStreamChannel channel : List.copyOf(channels)) {
      channel.onConnectionClosed(cause);
    }
  }
}
