package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.connection.PathMetrics;

/** Tells two traces everything, one after the other. */
record TracePair(ConnectionTrace first, ConnectionTrace second) implements ConnectionTrace {
  @Override
  public void onEstablished(long handshakeNs, long nowNs) {
    first.onEstablished(handshakeNs, nowNs);
    second.onEstablished(handshakeNs, nowNs);
  }

  @Override
  public void onClosed(CloseReason reason, long nowNs) {
    first.onClosed(reason, nowNs);
    second.onClosed(reason, nowNs);
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
    first.onPacketSent(number, bytes, inFlight, nowNs);
    second.onPacketSent(number, bytes, inFlight, nowNs);
  }

  @Override
  public void onPacketReceived(long number, int bytes, long nowNs) {
    first.onPacketReceived(number, bytes, nowNs);
    second.onPacketReceived(number, bytes, nowNs);
  }

  @Override
  public void onDropped(DropReason reason, int bytes, long nowNs) {
    first.onDropped(reason, bytes, nowNs);
    second.onDropped(reason, bytes, nowNs);
  }

  @Override
  public void onPacketAcked(long number, int bytes, long sentNs, long nowNs) {
    first.onPacketAcked(number, bytes, sentNs, nowNs);
    second.onPacketAcked(number, bytes, sentNs, nowNs);
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    first.onPacketLost(number, bytes, sentNs, nowNs);
    second.onPacketLost(number, bytes, sentNs, nowNs);
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    first.onSpuriousLoss(number, bytes, nowNs);
    second.onSpuriousLoss(number, bytes, nowNs);
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    first.onPeerRecovered(number, bytes, wasLost, nowNs);
    second.onPeerRecovered(number, bytes, wasLost, nowNs);
  }

  @Override
  public void onRecovered(long number, long nominalNs, long nowNs) {
    first.onRecovered(number, nominalNs, nowNs);
    second.onRecovered(number, nominalNs, nowNs);
  }

  @Override
  public void onRetransmission(long number, boolean probe, long nowNs) {
    first.onRetransmission(number, probe, nowNs);
    second.onRetransmission(number, probe, nowNs);
  }

  @Override
  public void onSourceSent(long number, int group, long nowNs) {
    first.onSourceSent(number, group, nowNs);
    second.onSourceSent(number, group, nowNs);
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    first.onRepairSent(number, sources, nowNs);
    second.onRepairSent(number, sources, nowNs);
  }

  @Override
  public void onRtt(long sampleNs, long nowNs) {
    first.onRtt(sampleNs, nowNs);
    second.onRtt(sampleNs, nowNs);
  }

  @Override
  public void onMetrics(PathMetrics metrics, long nowNs) {
    first.onMetrics(metrics, nowNs);
    second.onMetrics(metrics, nowNs);
  }

  @Override
  public void onCongestionPhase(String phase, long nowNs) {
    first.onCongestionPhase(phase, nowNs);
    second.onCongestionPhase(phase, nowNs);
  }

  @Override
  public void onMtuChanged(int bytes, long nowNs) {
    first.onMtuChanged(bytes, nowNs);
    second.onMtuChanged(bytes, nowNs);
  }

  @Override
  public void onPathChanged(PeerAddress peer, long nowNs) {
    first.onPathChanged(peer, nowNs);
    second.onPathChanged(peer, nowNs);
  }
}
