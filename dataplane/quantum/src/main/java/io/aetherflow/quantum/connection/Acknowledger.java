package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketWriter;
import io.aetherflow.quantum.recovery.ReceivedNumbers;
import io.aetherflow.quantum.recovery.ReceivedNumbers.Arrival;
import io.aetherflow.quantum.recovery.RttEstimator;

/**
 * What we tell the peer about its packets, and when: at once if it asks or if packets are missing,
 * otherwise after a number of packets or the delay. Most packets that ask are far between, so that
 * answers mostly travel with data. Times are nanoseconds. Not thread-safe.
 */
final class Acknowledger {
  /**
   * Packets that are answered together at most, half a GRO batch; a sender whose window is small
   * asks sooner.
   */
  static final int PACKETS_PER_ACK_MAX = 32;

  /**
   * So many packets after a gap show its packets lost (RFC 9002 section 6.1.1), and the sender must
   * hear of them soon.
   */
  private static final int REORDERING_THRESHOLD = 3;

  /** Newest ranges told per RECOVERED: what a round trip with heavy loss leaves open. */
  private static final int RECOVERED_RANGES_MAX = 16;

  /** A shorter delay is not worth the bytes of an ACK_EXT. */
  private static final long REPORTED_DELAY_MIN_NS = 500_000;

  private final ReceivedNumbers received = new ReceivedNumbers();

  /** Rebuilt numbers. Its floor stays one below the cumulative number, so it absorbs none. */
  private final ReceivedNumbers recovered = new ReceivedNumbers();

  private final RangeList ranges = new RangeList();
  private final long maxDelayNs;
  private final RttEstimator rtt;
  private int unanswered;
  private boolean atOnce;
  private boolean gapChanged;
  private long lossShownAt = Long.MAX_VALUE;
  private long deadlineNs = TimerTable.NEVER;
  private long newestArrivalNs;

  Acknowledger(long maxDelayNs, RttEstimator rtt) {
    this.maxDelayNs = maxDelayNs;
    this.rtt = rtt;
  }

  /** Records an intact packet; what it says about gaps decides how soon we answer. */
  Arrival onArrival(long number, long nowNs) {
    long expected = received.largest() + 1;
    Arrival arrival = received.onReceived(number);
    switch (arrival) {
      case IN_ORDER, BEYOND_GAP -> {
        gapChanged |= number != expected || number >= lossShownAt;
        if (number > expected) {
          lossShownAt = number + REORDERING_THRESHOLD - 1;
        } else if (number >= lossShownAt) {
          lossShownAt = Long.MAX_VALUE;
        }
        if (number >= expected) {
          newestArrivalNs = nowNs;
        }
      }
      case DUPLICATE -> {
        // Our acknowledgement was lost, or the packet was duplicated: either way repeat it.
        unanswered++;
        deadlineNs = Math.min(deadlineNs, nowNs + rtt.ackDelayNs(maxDelayNs));
      }
      case NO_ROOM -> {}
    }
    return arrival;
  }

  /** The packet of the last {@link #onArrival} wants an answer. */
  void onWantsAnswer(boolean push, long nowNs) {
    unanswered++;
    atOnce |= push || gapChanged || unanswered >= PACKETS_PER_ACK_MAX;
    gapChanged = false;
    deadlineNs = Math.min(deadlineNs, nowNs + rtt.ackDelayNs(maxDelayNs));
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
