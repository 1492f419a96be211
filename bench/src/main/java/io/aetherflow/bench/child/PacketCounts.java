package io.aetherflow.bench.child;

import io.aetherflow.quantum.connection.ConnectionTrace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts what Quantum's connections of this process do. Thread-safe. */
public final class PacketCounts implements ConnectionTrace {
  private enum Count {
    SENT,
    LOST,
    SPURIOUS,
    PEER_RECOVERED,
    RECOVERED,
    RETRANSMISSIONS,
    REPAIRS
  }

  private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);

  private void add(Count count) {
    counts.incrementAndGet(count.ordinal());
  }

  /** Totals by name. */
  public Map<String, Object> totals() {
    Map<String, Object> totals = new LinkedHashMap<>();
    for (Count count : Count.values()) {
      totals.put(count.name().toLowerCase(java.util.Locale.ROOT), counts.get(count.ordinal()));
    }
    return totals;
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
    add(Count.SENT);
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    add(Count.LOST);
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    add(Count.SPURIOUS);
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    add(Count.PEER_RECOVERED);
  }

  @Override
  public void onRecovered(long number, long nowNs) {
    add(Count.RECOVERED);
  }

  @Override
  public void onRetransmission(long number, long nowNs) {
    add(Count.RETRANSMISSIONS);
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    add(Count.REPAIRS);
  }
}
