package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketWriter;
import io.aetherflow.quantum.recovery.ReceivedNumbers;
import io.aetherflow.quantum.recovery.ReceivedNumbers.Arrival;

/**
 * What we tell the peer about its packets, and when: at once after a gap, after every second packet
 * that wants an answer, after the maximum delay in any case. Times are nanoseconds. Not
 * thread-safe.
 */
final class Acknowledger {
  /** Packets that are answered together. */
  private static final int PACKETS_PER_ACK = 2;

  /** Newest ranges told per RECOVERED: what a round trip with heavy loss leaves open. */
  private static final int RECOVERED_RANGES_MAX = 16;

  /** A shorter delay is not worth the bytes of an ACK_EXT. */
  private static final long REPORTED_DELAY_MIN_NS = 500_000;

  private final ReceivedNumbers received = new ReceivedNumbers();

  /** Rebuilt numbers. Its floor stays one below the cumulative number, so it absorbs none. */
  private final ReceivedNumbers recovered = new ReceivedNumbers();

  private final RangeList ranges = new RangeList();
  private final long maxDelayNs;
  private int unanswered;
  private boolean atOnce;
  private boolean gapChanged;
  private long deadlineNs = TimerTable.NEVER;
  private long newestArrivalNs;

  Acknowledger(long maxDelayNs) {
    this.maxDelayNs = maxDelayNs;
  }

  /** Records an intact packet; what it says about gaps decides how soon we answer. */
  Arrival onArrival(long number, long nowNs) {
    long expected = received.largest() + 1;
    Arrival arrival = received.onReceived(number);
    switch (arrival) {
      case IN_ORDER, BEYOND_GAP -> {
        if (number != expected) {
          gapChanged = true;
        }
        if (number >= expected) {
          newestArrivalNs = nowNs;
        }
      }
      case DUPLICATE -> {
        // Our acknowledgement was lost, or the packet was duplicated: either way repeat it.
        unanswered++;
        deadlineNs = Math.min(deadlineNs, nowNs + maxDelayNs);
      }
      case NO_ROOM -> {}
    }
    return arrival;
  }

  /** The packet of the last {@link #onArrival} wants an answer. */
  void onWantsAnswer(boolean push, long nowNs) {
    unanswered++;
    atOnce |= push || gapChanged || unanswered >= PACKETS_PER_ACK;
    gapChanged = false;
    deadlineNs = Math.min(deadlineNs, nowNs + maxDelayNs);
  }

  /** Whether a rebuilt packet is news. */
  boolean isNews(long number) {
    return !received.isSettled(number) && !recovered.isSettled(number);
  }

  /** Whether this number was rebuilt before, so that its frames must not be taken again. */
  boolean wasRecovered(long number) {
    return number > received.ack() && recovered.isSettled(number);
  }

  void onRecovered(long number) {
    prune();
    recovered.onReceived(number);
    atOnce = true;
  }

  void onForgo(long number) {
    received.onForgo(number);
    prune();
  }

  private void prune() {
    recovered.onForgo(received.ack());
  }

  void onDelayOver() {
    atOnce |= unanswered > 0;
  }

  boolean isDue() {
    return atOnce;
  }

  /** When an answer is due, or never. */
  long deadlineNs() {
    return deadlineNs;
  }

  long largest() {
    return received.largest();
  }

  long ack() {
    return received.ack();
  }

  boolean hasReceived() {
    return received.largest() > 0;
  }

  /** Writes ack and SACK blocks; returns the header's length. */
  int putAck(byte[] buf, int off, int blocksMax) {
    return PacketWriter.putAck(buf, off, received.ack(), received, blocksMax);
  }

  /** Writes ACK_EXT if there is more to say than the header can, and RECOVERED. */
  void writeFrames(FrameWriter writer, int blocksWritten, long nowNs) {
    long delayNs = unanswered > 0 ? Math.max(nowNs - newestArrivalNs, 0) : 0;
    boolean moreRanges = received.count() > blocksWritten;
    if (moreRanges || delayNs >= REPORTED_DELAY_MIN_NS) {
      ranges.clear();
      int end = Math.min(received.count(), FrameLimits.RANGES_MAX);
      for (int i = blocksWritten; i < end; i++) {
        ranges.add(received.first(i), received.last(i));
      }
      long delayMicros = Math.min(delayNs / 1000, FrameLimits.ACK_DELAY_MICROS_MAX);
      writer.ackExt(delayMicros, 0, 0, 0, ranges);
    }
    writeRecovered(writer);
  }

  /** Repeated until FORGO settles the numbers, so that a lost report costs nothing. */
  private void writeRecovered(FrameWriter writer) {
    if (recovered.count() == 0) {
      return;
    }
    prune();
    ranges.clear();
    for (int i = 0; i < Math.min(recovered.count(), RECOVERED_RANGES_MAX); i++) {
      long first = Math.max(recovered.first(i), received.ack() + 1);
      if (first <= recovered.last(i)) {
        ranges.add(first, recovered.last(i));
      }
    }
    if (ranges.count() > 0) {
      writer.recovered(ranges);
    }
  }

  /** A packet with our acknowledgement left. */
  void onAckSent() {
    unanswered = 0;
    atOnce = false;
    deadlineNs = TimerTable.NEVER;
  }

  /** Blocks that the header should get. */
  int blocks() {
    return Math.min(received.count(), PacketHeader.SACK_BLOCKS_MAX);
  }
}
