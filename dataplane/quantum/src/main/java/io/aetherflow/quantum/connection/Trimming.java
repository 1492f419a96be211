package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.TransportError;

/**
 * Gives back the buffers of a connection that has become silent, and ends one that holds many and
 * moves nothing while others need them. Times are nanoseconds. Not thread-safe.
 */
final class Trimming {
  /** Silence after which buffers are given back. */
  private static final long TRIM_NS = 2_000_000_000;

  /**
   * How long a connection may hold much and move less than {@link #PROGRESS_MIN_BYTES} while the
   * process is out of buffers, against peers that send much, or ask for much, and read nothing.
   */
  private static final long STUCK_NS = 30_000_000_000L;

  private static final long PROGRESS_MIN_BYTES = 4096;

  private final Connection connection;
  private long lastActiveNs;
  private long progressBytes;
  private long progressNs;

  Trimming(Connection connection, long nowNs) {
    this.connection = connection;
    lastActiveNs = nowNs;
  }

  /** A packet came, or one left that wants an answer. */
  void onActive(long nowNs) {
    lastActiveNs = nowNs;
    lookLater(nowNs);
  }

  void lookLater(long nowNs) {
    connection.timers.armIfUnarmed(Timer.TRIM, nowNs + TRIM_NS);
  }

  void onTimer(long nowNs) {
    boolean silent = nowNs - lastActiveNs >= TRIM_NS;
    boolean idle = silent && connection.recovery.sent().bytesInFlight() == 0;
    if (idle) {
      connection.recovery.trim();
      connection.streams.trim();
      connection.fecSender.trim();
      connection.fecReceiver.trim();
    }
    connection.streams.reconsider();
    connection.streams.trimPool(nowNs);
    closeIfStuck(nowNs);
    if (connection.state().isOpen() && (!idle || connection.streams.holdsPages())) {
      connection.timers.arm(Timer.TRIM, nowNs + TRIM_NS);
    }
  }

  /** A connection that holds much and moves nothing must not keep all others short of buffers. */
  private void closeIfStuck(long nowNs) {
    long bytes = connection.streams.progressBytes();
    if (bytes - progressBytes >= PROGRESS_MIN_BYTES || !connection.streams.isExcessive()) {
      progressBytes = bytes;
      progressNs = nowNs;
    } else if (nowNs - progressNs >= STUCK_NS) {
      connection.lifecycle.close(TransportError.INTERNAL.code(), "buffers are short", nowNs);
    }
  }
}
