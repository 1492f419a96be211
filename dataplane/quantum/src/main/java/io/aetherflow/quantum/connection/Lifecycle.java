package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason.Cause;

/**
 * From the handshake to the end of a connection: what may happen in which state. Times are
 * nanoseconds. Not thread-safe.
 */
final class Lifecycle {
  /** Probe timeouts for which a closed connection still answers. */
  private static final int CLOSE_TIMEOUTS = 3;

  /** Between path challenges: what the old path has shown says little about the new one. */
  private static final long CHALLENGE_NS_MAX = 300_000_000;

  private final Connection connection;
  private final TimerTable timers;
  private ConnectionState state;
  private long idleTimeoutNs;
  private final long startedNs;
  private boolean tellEstablished;

  Lifecycle(Connection connection, boolean client, long nowNs) {
    this.connection = connection;
    timers = connection.timers;
    startedNs = nowNs;
    state = client ? ConnectionState.CONNECTING : ConnectionState.ACCEPTING;
    idleTimeoutNs = connection.config().times().idleNs();
    timers.arm(Timer.HANDSHAKE, nowNs + connection.config().times().handshakeNs());
  }

  ConnectionState state() {
    return state;
  }

  /** An intact packet arrived: the peer lives. */
  void onAlive(long nowNs) {
    timers.arm(Timer.IDLE, nowNs + idleTimeoutNs);
  }

  void onPeerParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes,
      long nowNs) {
    Handshake handshake = connection.handshake;
    int datagramBytes = (int) Math.min(maxDatagramBytes, connection.config().maxDatagramBytes());
    if (!handshake.onPeerParams(maxAckDelayMicros, datagramBytes)) {
      return;
    }
    if (idleTimeoutMillis > 0) {
      long idleMillis = Math.min(idleTimeoutMillis, idleTimeoutNs / 1_000_000);
      idleTimeoutNs = idleMillis * 1_000_000;
    }
    connection.recovery.losses().setMaxAckDelayNs(maxAckDelayMicros * 1000);
    connection.streams.onPeerParameters(maxData, maxStreamData, maxStreams);
    if (connection.isClient()) {
      establish(nowNs);
    } else {
      handshake.setParamsDue();
    }
  }

  private void establish(long nowNs) {
    state = state.onEstablished();
    tellEstablished = true;
    timers.disarm(Timer.HANDSHAKE);
    timers.arm(Timer.IDLE, nowNs + idleTimeoutNs);
    connection.mtu.start(connection.handshake.datagramBytes(), nowNs);
    connection.fecReceiver.onProved();
    connection.trace.onEstablished(nowNs - startedNs, nowNs);
    connection.trace.onMtuChanged(connection.datagramBytes(), nowNs);
  }

  void onPathChallenge(long data, PeerAddress from) {
    if (!connection.handshake.takesChallenge(data)) {
      connection.paths.onChallenge(data, from);
    }
  }

  void onPathResponse(long data, long nowNs) {
    Paths paths = connection.paths;
    if (state == ConnectionState.ACCEPTING && data == paths.handshakeChallenge()) {
      paths.validate();
      establish(nowNs);
    } else if (state == ConnectionState.ESTABLISHED && paths.onResponse(data)) {
      timers.disarm(Timer.PATH);
      connection.onNewPath(nowNs);
    }
  }

  void onChallengeSent(long nowNs) {
    long waitNs = Math.min(2 * connection.recovery.losses().probeTimeoutNs(), CHALLENGE_NS_MAX);
    timers.arm(Timer.PATH, nowNs + waitNs);
  }

  /** Tells what happened to the connection since the last call. */
  void deliver(ConnectionListener listener) {
    if (tellEstablished) {
      tellEstablished = false;
      listener.onEstablished();
    }
    if (state != ConnectionState.ACCEPTING) {
      connection.streams.deliver(listener);
    }
    if (connection.ending.takeUntold()) {
      listener.onClosed(connection.ending.reason());
    }
  }

  void close(long errorCode, String text, long nowNs) {
    if (!state.isOpen()) {
      return;
    }
    CloseReason reason = new CloseReason(Cause.LOCAL, errorCode, text);
    ConnectionState next = state.onLocalClose();
    if (next == ConnectionState.CLOSED) {
      end(reason);
    } else {
      state = next;
      connection.ending.setCloseDue();
      over(reason, nowNs);
    }
  }

  void closeWhenDelivered(long lingerNs, long nowNs) {
    if (state.isOpen() && !connection.ending.isWhenDelivered()) {
      connection.ending.setWhenDelivered();
      timers.arm(Timer.CLOSE, nowNs + lingerNs);
      finishIfDelivered(nowNs);
    }
  }

  void finishIfDelivered(long nowNs) {
    boolean waits = connection.ending.isWhenDelivered() && state.isOpen();
    if (waits && !connection.streams.hasUnacked()) {
      close(0, "", nowNs);
    }
  }

  void onPeerClose(long errorCode, String text, long nowNs) {
    boolean news = state.isOpen();
    state = state.onPeerClose();
    if (news) {
      over(new CloseReason(Cause.PEER, errorCode, text), nowNs);
    }
  }

  /** Streams move no more; only late packets are answered for a while. */
  private void over(CloseReason reason, long nowNs) {
    begin(reason);
    connection.streams.releaseSent();
    timers.disarmAll();
    long waitNs = CLOSE_TIMEOUTS * connection.recovery.losses().probeTimeoutNs();
    timers.arm(Timer.CLOSE, nowNs + waitNs);
  }

  private void begin(CloseReason reason) {
    connection.ending.begin(reason);
    connection.trace.onClosed(reason, connection.nowNs());
  }

  void onCloseTimer(long nowNs) {
    if (state.isOpen()) {
      close(0, "not delivered in time", nowNs);
    } else {
      state = state.onOver();
      timers.disarmAll();
    }
  }

  /** Ends without a word to the peer. */
  void end(CloseReason reason) {
    if (state.isOpen()) {
      begin(reason);
    }
    state = state.onOver();
    timers.disarmAll();
  }
}
