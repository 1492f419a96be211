package io.aetherflow.quantum.recovery;

import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.packet.PacketRanges;
import io.aetherflow.quantum.recovery.SentPackets.State;

/**
 * Takes acknowledgements: the cumulative number and the ranges above it. Ranges that the previous
 * acknowledgement listed are skipped, so the work per call is bounded by what is new. Not
 * thread-safe.
 */
public final class AckProcessor {
  private final SentPackets sent;
  private final RttEstimator rtt;
  private final LossDetector losses;
  private final long[] knownFirst = new long[FrameLimits.RANGES_MAX];
  private final long[] knownLast = new long[FrameLimits.RANGES_MAX];
  private int known;
  private long forgoSent;
  private long largestNewlyAcked;
  private long largestNewlyAckedSentNs;
  private boolean rttSampled;

  public AckProcessor(SentPackets sent, RttEstimator rtt, LossDetector losses) {
    this.sent = sent;
    this.rtt = rtt;
    this.losses = losses;
  }

  /** Notes that FORGO(number) left: a cumulative rise over lost numbers below is no delivery. */
  public void onForgoSent(long number) {
    forgoSent = Math.max(forgoSent, number);
  }

  /**
   * Takes one acknowledgement and then looks for losses.
   *
   * @param ack cumulative number, expanded
   * @param above ranges above it, newest first, at most {@link FrameLimits#RANGES_MAX}
   * @param ackDelayNs what the peer says it waited, capped by the caller
   * @return false if it covers a number that was never sent, a protocol violation; nothing changed
   */
  public boolean onAck(
      long ack, PacketRanges above, long ackDelayNs, long nowNs, RecoveryListener listener) {
    long largest = above.count() == 0 ? ack : above.last(0);
    if (largest > sent.largestSent() || ack < 0) {
      return false;
    }
    largestNewlyAcked = 0;
    for (int i = 0; i < above.count(); i++) {
      ackRange(above.first(i), above.last(i), listener);
    }
    remember(above);
    for (long number = sent.oldest(); number <= ack; number++) {
      boolean forgone = number < forgoSent && sent.state(number) != State.IN_FLIGHT;
      if (!forgone) {
        ackOne(number, listener);
      }
    }
    rttSampled = largestNewlyAcked == largest && largest > 0;
    if (rttSampled) {
      rtt.onSample(nowNs - largestNewlyAckedSentNs, ackDelayNs);
    }
    losses.onAckTaken(nowNs, listener);
    sent.onCumulative(ack);
    return true;
  }

  /** Whether the acknowledgement taken last brought an RTT sample. */
  public boolean tookRttSample() {
    return rttSampled;
  }

  private void ackRange(long first, long last, RecoveryListener listener) {
    long number = last;
    for (int k = 0; k < known && number >= first; k++) {
      for (; number >= first && number > knownLast[k]; number--) {
        ackOne(number, listener);
      }
      if (number >= knownFirst[k]) {
        number = knownFirst[k] - 1;
      }
    }
    for (; number >= first && number >= sent.oldest(); number--) {
      ackOne(number, listener);
    }
  }

  private void remember(PacketRanges above) {
    known = Math.min(above.count(), FrameLimits.RANGES_MAX);
    for (int i = 0; i < known; i++) {
      knownFirst[i] = above.first(i);
      knownLast[i] = above.last(i);
    }
  }

  private void ackOne(long number, RecoveryListener listener) {
    State state = sent.state(number);
    if (state != State.IN_FLIGHT && state != State.LOST) {
      return;
    }
    int bytes = sent.bytes(number);
    long sentNs = sent.sentNs(number);
    sent.onAcked(number);
    losses.onPacketAcked(number);
    if (state == State.LOST) {
      losses.onSpuriousLoss();
      listener.onSpuriousLoss(number, bytes, sentNs);
      return;
    }
    if (number > largestNewlyAcked) {
      largestNewlyAcked = number;
      largestNewlyAckedSentNs = sentNs;
    }
    listener.onAcked(number, bytes, sentNs);
  }
}
