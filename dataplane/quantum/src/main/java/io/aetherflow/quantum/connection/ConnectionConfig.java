package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.CongestionController;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.frame.Frame;
import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.stream.StreamLimits;
import java.util.function.Supplier;

/**
 * How a connection behaves. Immutable; one value serves many connections.
 *
 * @param streams what the peer is granted
 * @param times how long to wait for what
 * @param maxDatagramBytes largest datagram to send and to take, at least 1,200
 * @param tuning what may change on open connections
 * @param congestion makes the controller of each path
 * @param buffers what all connections together may keep; one per process
 * @param kernel sums parity and rebuilds what was lost
 */
public record ConnectionConfig(
    StreamLimits streams,
    Times times,
    int maxDatagramBytes,
    TransportTuning tuning,
    Supplier<CongestionController> congestion,
    BufferBudget buffers,
    FecKernel kernel) {
  private static final long MS = 1_000_000;

  /** Ethernet's 1,500 bytes without an IPv4 and a UDP header. */
  public static final int DATAGRAM_BYTES = 1472;

  /**
   * Waits, in nanoseconds.
   *
   * @param maxAckDelayNs the longest that an acknowledgement is held back, at most 262 ms
   * @param idleNs silence after which a peer counts as gone
   * @param keepAliveNs silence after which a PING is sent, 0 for never
   * @param handshakeNs the longest that a handshake may take
   */
  public record Times(long maxAckDelayNs, long idleNs, long keepAliveNs, long handshakeNs) {
    /**
     * Conntrack forgets UDP after 30 s, hence a keep-alive after 15; an ack delay of at most 25 ms
     * (RFC 9000 section 18.2), of which short paths use 5.
     */
    public static final Times DEFAULT = new Times(25 * MS, 45_000 * MS, 15_000 * MS, 10_000 * MS);

    /** Checks ranges. */
    public Times {
      if (maxAckDelayNs < 0 || maxAckDelayNs / 1000 > FrameLimits.ACK_DELAY_MICROS_MAX) {
        throw new IllegalArgumentException("maxAckDelayNs must be 0 to 262 ms: " + maxAckDelayNs);
      }
    }
  }

  /** Checks ranges. */
  public ConnectionConfig {
    if (maxDatagramBytes < FrameLimits.DATAGRAM_BYTES_MIN || maxDatagramBytes > DATAGRAM_BYTES) {
      throw new IllegalArgumentException("datagrams are 1200 to 1472 bytes: " + maxDatagramBytes);
    }
  }

  /** The defaults, with a quarter of the heap for buffers, which all made from this one share. */
  public static ConnectionConfig of(
      TransportTuning tuning, Supplier<CongestionController> congestion) {
    return new ConnectionConfig(
        StreamLimits.DEFAULT,
        Times.DEFAULT,
        DATAGRAM_BYTES,
        tuning,
        congestion,
        BufferBudget.ofHeap(),
        FecKernels.best());
  }

  public ConnectionConfig withStreams(StreamLimits limits) {
    return new ConnectionConfig(
        limits, times, maxDatagramBytes, tuning, congestion, buffers, kernel);
  }

  public ConnectionConfig withTuning(TransportTuning tuning) {
    return new ConnectionConfig(
        streams, times, maxDatagramBytes, tuning, congestion, buffers, kernel);
  }

  /** Shares the buffers of others. */
  public ConnectionConfig withBuffers(BufferBudget buffers) {
    return new ConnectionConfig(
        streams, times, maxDatagramBytes, tuning, congestion, buffers, kernel);
  }

  public ConnectionConfig withKernel(FecKernel kernel) {
    return new ConnectionConfig(
        streams, times, maxDatagramBytes, tuning, congestion, buffers, kernel);
  }

  Frame.Params params() {
    return new Frame.Params(
        streams.connectionWindowBytes(),
        streams.streamWindowBytes(),
        streams.peerStreams(),
        times.maxAckDelayNs() / 1000,
        times.idleNs() / MS,
        maxDatagramBytes);
  }
}
