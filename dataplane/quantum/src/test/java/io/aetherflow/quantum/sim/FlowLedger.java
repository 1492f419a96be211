package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.frame.FrameIgnorer;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what one end sends and what the other end granted, and checks that no limit is passed:
 * stream data, connection data, number of streams.
 */
final class FlowLedger extends FrameIgnorer {
  private static final int TAG_BYTES = 4;

  private final PacketReader header = new PacketReader();
  private final FrameReader reader = new FrameReader();
  private final Map<Long, Long> highest = new HashMap<>();
  private final Map<Long, Long> limits = new HashMap<>();
  private final int peerBit;
  private FlowLedger peer;
  private long total;
  private long maxData;
  private long initialStreamLimit;
  private long maxStreams;

  /**
   * @param client whether this follows the client's packets
   */
  FlowLedger(boolean client) {
    peerBit = client ? 0 : 1;
  }

  void join(FlowLedger peer) {
    this.peer = peer;
    peer.peer = this;
  }

  void onSent(byte[] buf, int length) {
    if (header.parse(buf, 0, length) != PacketRefusal.NONE) {
      throw new AssertionError("an end sent a malformed packet");
    }
    reader.read(buf, header.headerBytes(), header.payloadBytes() - TAG_BYTES, this);
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    long end = offset + length;
    long before = highest.getOrDefault(id, 0L);
    if (end > before) {
      highest.put(id, end);
      total += end - before;
    }
    long limit = limits.getOrDefault(id, initialStreamLimit);
    check(end <= limit, "stream " + id + " at " + end + " beyond " + limit);
    check(total <= maxData, "connection at " + total + " beyond " + maxData);
    check((id & 1) != peerBit || id >>> 1 < maxStreams, "stream " + id + " beyond " + maxStreams);
  }

  @Override
  public void onParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes) {
    peer.maxData = Math.max(peer.maxData, maxData);
    peer.initialStreamLimit = maxStreamData;
    peer.maxStreams = Math.max(peer.maxStreams, maxStreams);
  }

  @Override
  public void onMaxData(long limit) {
    peer.maxData = Math.max(peer.maxData, limit);
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    peer.limits.merge(id, limit, Math::max);
  }

  @Override
  public void onMaxStreams(long limit) {
    peer.maxStreams = Math.max(peer.maxStreams, limit);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
