package io.aetherflow.runtime.transport;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.connection.PathMetrics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One connection's share of the metrics. Written by the connection's thread; the gauges may be read
 * from any, a moment late. Allocates nothing.
 */
final class ConnectionMetrics implements ConnectionTrace {
  /** What the newest state of a connection consists of. */
  enum Gauge {
    INFLIGHT_BYTES,
    CWND_BYTES,
    PACING_BYTES_PER_SECOND,
    LOSS_PPM,
    MTU_BYTES
  }

  private static final double PPM = 1e6;

  private final QuantumMetrics all;
  private final AtomicLongArray gauges = new AtomicLongArray(Gauge.values().length);
  private volatile String phase = "";

  ConnectionMetrics(QuantumMetrics all) {
    this.all = all;
  }

  long get(Gauge gauge) {
    return gauges.getOpaque(gauge.ordinal());
  }

  String phase() {
    return phase;
  }

  private void set(Gauge gauge, long value) {
    gauges.setOpaque(gauge.ordinal(), value);
  }

  @Override
  public void onEstablished(long handshakeNs, long nowNs) {
    all.handshake.record(handshakeNs, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onClosed(CloseReason reason, long nowNs) {
    all.onClosed(this, reason);
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
    all.sent.increment();
    all.sentBytes.increment(bytes);
    if (inFlight) {
      set(Gauge.INFLIGHT_BYTES, get(Gauge.INFLIGHT_BYTES) + bytes);
    }
  }

  @Override
  public void onPacketReceived(long number, int bytes, long nowNs) {
    all.received.increment();
    all.receivedBytes.increment(bytes);
  }

  @Override
  public void onDropped(DropReason reason, int bytes, long nowNs) {
    all.onDropped(reason, bytes, nowNs);
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    all.lost.increment();
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    all.spuriousLosses.increment();
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    all.peerRecoveries.increment();
  }

  @Override
  public void onRecovered(long number, long nominalNs, long nowNs) {
    all.recoveries.increment();
    all.recovery.record(nowNs - nominalNs, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onRetransmission(long number, boolean probe, long nowNs) {
    (probe ? all.probes : all.retransmissions).increment();
  }

  @Override
  public void onSourceSent(long number, int group, long nowNs) {
    all.sources.increment();
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    all.repairs.increment();
  }

  @Override
  public void onRtt(long sampleNs, long nowNs) {
    all.rtt.record(sampleNs, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onMetrics(PathMetrics metrics, long nowNs) {
    set(Gauge.INFLIGHT_BYTES, metrics.bytesInFlight());
    set(Gauge.CWND_BYTES, metrics.congestionWindowBytes());
    set(Gauge.PACING_BYTES_PER_SECOND, metrics.pacingRateBytesPerSecond());
    set(Gauge.LOSS_PPM, (long) (metrics.lossShare() * PPM));
  }

  @Override
  public void onCongestionPhase(String phase, long nowNs) {
    this.phase = phase;
  }

  @Override
  public void onMtuChanged(int bytes, long nowNs) {
    set(Gauge.MTU_BYTES, bytes);
  }

  @Override
  public void onPathChanged(PeerAddress peer, long nowNs) {
    all.pathChanges.increment();
  }

  /** Share of packets lost, 0 to 1. */
  double lossShare() {
    return get(Gauge.LOSS_PPM) / PPM;
  }
}
