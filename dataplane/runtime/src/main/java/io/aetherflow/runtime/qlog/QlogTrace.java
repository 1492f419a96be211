package io.aetherflow.runtime.qlog;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.connection.PathMetrics;
import io.aetherflow.quantum.packet.Guuid;

/**
 * Puts one connection's events into a ring, from which the directory's thread writes them.
 * Allocates nothing per event.
 */
final class QlogTrace implements ConnectionTrace {
  private static final double PPM = 1e6;

  final Guuid guuid;
  final boolean client;
  final long startedNs;
  final long startedEpochMillis;

  /** Null once nobody reads any more. */
  private volatile EventRing ring = new EventRing();

  private volatile boolean proved;
  private volatile boolean over;

  QlogTrace(Guuid guuid, boolean client, long startedNs, long startedEpochMillis) {
    this.guuid = guuid;
    this.client = client;
    this.startedNs = startedNs;
    this.startedEpochMillis = startedEpochMillis;
    proved = client;
  }

  EventRing ring() {
    return ring;
  }

  /** Whether the peer's address is proved, or was chosen here. */
  boolean isProved() {
    return proved;
  }

  boolean isOver() {
    return over;
  }

  /** Events from now on are for nobody. */
  void stop() {
    ring = null;
  }

  private void put(QlogEvent event, long nowNs, long first, long second, long third, Object what) {
    EventRing to = ring;
    if (to != null && to.begin(event, nowNs)) {
      to.put(0, first);
      to.put(1, second);
      to.put(2, third);
      to.end(what);
    }
  }

  @Override
  public void onEstablished(long handshakeNs, long nowNs) {
    put(QlogEvent.ESTABLISHED, nowNs, handshakeNs, 0, 0, null);
    proved = true;
  }

  @Override
  public void onClosed(CloseReason reason, long nowNs) {
    put(QlogEvent.CLOSED, nowNs, 0, 0, 0, reason);
    over = true;
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
    put(QlogEvent.PACKET_SENT, nowNs, number, bytes, inFlight ? 1 : 0, null);
  }

  @Override
  public void onPacketReceived(long number, int bytes, long nowNs) {
    put(QlogEvent.PACKET_RECEIVED, nowNs, number, bytes, 0, null);
  }

  @Override
  public void onDropped(DropReason reason, int bytes, long nowNs) {
    put(QlogEvent.PACKET_DROPPED, nowNs, bytes, 0, 0, reason);
  }

  @Override
  public void onPacketAcked(long number, int bytes, long sentNs, long nowNs) {
    put(QlogEvent.PACKETS_ACKED, nowNs, number, 0, 0, null);
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    put(QlogEvent.PACKET_LOST, nowNs, number, bytes, 0, null);
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    put(QlogEvent.SPURIOUS_LOSS, nowNs, number, 0, 0, null);
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    put(QlogEvent.FEC_PEER_RECOVERED, nowNs, number, wasLost ? 1 : 0, 0, null);
  }

  @Override
  public void onRecovered(long number, long nominalNs, long nowNs) {
    put(QlogEvent.FEC_RECOVERED, nowNs, number, nowNs - nominalNs, 0, null);
  }

  @Override
  public void onRetransmission(long number, boolean probe, long nowNs) {
    put(QlogEvent.RETRANSMISSION, nowNs, number, probe ? 1 : 0, 0, null);
  }

  @Override
  public void onSourceSent(long number, int group, long nowNs) {
    put(QlogEvent.FEC_SOURCE_SENT, nowNs, number, group, 0, null);
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    put(QlogEvent.FEC_REPAIR_SENT, nowNs, number, sources, 0, null);
  }

  @Override
  public void onMetrics(PathMetrics metrics, long nowNs) {
    EventRing to = ring;
    if (to != null && to.begin(QlogEvent.METRICS_UPDATED, nowNs)) {
      to.put(0, metrics.smoothedRttNs());
      to.put(1, metrics.latestRttNs());
      to.put(2, metrics.minRttNs());
      to.put(3, metrics.rttVariationNs());
      to.put(4, metrics.congestionWindowBytes());
      to.put(5, metrics.bytesInFlight());
      to.put(6, metrics.pacingRateBytesPerSecond());
      to.put(7, (long) (metrics.lossShare() * PPM));
      to.end(null);
    }
  }

  @Override
  public void onCongestionPhase(String phase, long nowNs) {
    put(QlogEvent.CONGESTION_STATE_UPDATED, nowNs, 0, 0, 0, phase);
  }

  @Override
  public void onMtuChanged(int bytes, long nowNs) {
    put(QlogEvent.MTU_UPDATED, nowNs, bytes, 0, 0, null);
  }

  @Override
  public void onPathChanged(PeerAddress peer, long nowNs) {
    put(QlogEvent.PATH_CHANGED, nowNs, 0, 0, 0, peer);
  }
}
