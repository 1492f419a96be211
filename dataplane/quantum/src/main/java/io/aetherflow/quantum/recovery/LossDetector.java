package io.aetherflow.quantum.recovery;

import io.aetherflow.quantum.recovery.SentPackets.State;

/**
 * Declares packets lost: after three later ones arrived, until the path is seen to reorder, and
 * after a round trip plus a reordering window in any case (RFC 9002 section 6.1, with the window of
 * RFC 8985). Also owns the tail-loss probe's deadline. Times are nanoseconds. Not thread-safe.
 */
public final class LossDetector {
  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Later arrivals that show a loss on a path without reordering (RFC 9002 section 6.1.1). */
  static final int PACKET_THRESHOLD = 3;

  /** Loss episodes for which a widened window is kept (RFC 8985 section 7.2). */
  static final int WINDOW_KEPT_EPISODES = 16;

  /** Caps the probe's back-off at 64 times, so that a dead path is left to the idle timer. */
  static final int PROBE_BACKOFF_MAX = 6;

  /** What a timeout asks of the connection. */
  public enum Timeout {
    /** Nothing was due. */
    NOTHING,
    /** Packets were declared lost. */
    LOSS,
    /** Send the oldest unacknowledged data again, regardless of the congestion window. */
    PROBE
  }

  private final SentPackets sent;
  private final RttEstimator rtt;
  private long maxAckDelayNs;
  private long largestAcked;
  private long scanFrom = 1;
  private long lossDeadlineNs = NEVER;
  private long probeFromNs;
  private int probes;
  private boolean newlyAcked;
  private int windowQuarters = 1;
  private boolean reorderingSeen;
  private int episodesLeft;
  private long episodeEnd;
  private long widenedUntil;

  /**
   * @param maxAckDelayNs the longest that the peer promised to hold an acknowledgement back
   */
  public LossDetector(SentPackets sent, RttEstimator rtt, long maxAckDelayNs) {
    this.sent = sent;
    this.rtt = rtt;
    this.maxAckDelayNs = maxAckDelayNs;
  }

  /** Takes the peer's promise, which its handshake brings. */
  public void setMaxAckDelayNs(long maxAckDelayNs) {
    this.maxAckDelayNs = maxAckDelayNs;
  }

  /** Probes sent since the last acknowledgement of something new. */
  public int probes() {
    return probes;
  }

  /** The probe's delay without back-off: how long an answer may take. */
  public long probeTimeoutNs() {
    return probeDelayNs();
  }

  /** A packet that needs an answer left; restarts the probe's clock. */
  public void onSent(long nowNs) {
    probeFromNs = nowNs;
  }

  void onPacketAcked(long number) {
    largestAcked = Math.max(largestAcked, number);
    probes = 0;
    newlyAcked = true;
  }

  /** The path changed: what was in flight on the old one counts as lost. */
  public void onNewPath(long nowNs, RecoveryListener listener) {
    probes = 0;
    lossDeadlineNs = NEVER;
    for (long number = sent.oldest(); number < sent.nextNumber(); number++) {
      if (sent.state(number) == State.IN_FLIGHT) {
        declareLost(number, nowNs, listener);
      }
    }
  }

  /** One step per round trip (RFC 8985 section 6.2): what left before the last proves no more. */
  void onSpuriousLoss(long number) {
    reorderingSeen = true;
    if (number > widenedUntil) {
      widenedUntil = sent.largestSent();
      windowQuarters++;
    }
    episodesLeft = WINDOW_KEPT_EPISODES;
  }

  void onAckTaken(long nowNs, RecoveryListener listener) {
    // An acknowledgement of nothing new must not put the probe off: a peer's keep-alives have one.
    if (newlyAcked) {
      probeFromNs = Math.max(probeFromNs, nowNs);
      newlyAcked = false;
    }
    detect(nowNs, listener);
  }

  /** The earliest time at which {@link #onTimeout} has something to do, or {@link #NEVER}. */
  public long nextTimeoutNs() {
    if (lossDeadlineNs != NEVER || sent.bytesInFlight() == 0) {
      return lossDeadlineNs;
    }
    return probeFromNs + (probeDelayNs() << Math.min(probes, PROBE_BACKOFF_MAX));
  }

  /** Call when {@link #nextTimeoutNs} has come. */
  public Timeout onTimeout(long nowNs, RecoveryListener listener) {
    if (nowNs < nextTimeoutNs()) {
      return Timeout.NOTHING;
    }
    if (lossDeadlineNs != NEVER) {
      return detect(nowNs, listener) ? Timeout.LOSS : Timeout.NOTHING;
    }
    probes++;
    probeFromNs = nowNs;
    return Timeout.PROBE;
  }

  /** Time beyond the round trip that a packet may be late without counting as lost. */
  public long reorderingWindowNs() {
    long windowNs = rtt.minNs() / 4 * windowQuarters;
    return Math.max(Math.min(windowNs, rtt.smoothedNs()), RttEstimator.GRANULARITY_NS);
  }

  /**
   * Two variations as in Chromium instead of QUIC's four: a probe carries data, so it may be early.
   */
  private long probeDelayNs() {
    long spreadNs = Math.max(2 * rtt.variationNs(), RttEstimator.GRANULARITY_NS);
    return rtt.smoothedNs() + spreadNs + rtt.ackDelayNs(maxAckDelayNs);
  }

  private boolean detect(long nowNs, RecoveryListener listener) {
    lossDeadlineNs = NEVER;
    boolean found = false;
    long delayNs = Math.max(rtt.smoothedNs(), rtt.latestNs()) + reorderingWindowNs();
    skipSettled();
    for (long number = scanFrom; number < largestAcked; number++) {
      if (sent.state(number) != State.IN_FLIGHT) {
        continue;
      }
      long dueNs = sent.sentNs(number) + delayNs;
      boolean overtaken = !reorderingSeen && largestAcked - number >= PACKET_THRESHOLD;
      if (overtaken || dueNs <= nowNs) {
        declareLost(number, nowNs, listener);
        found = true;
      } else {
        lossDeadlineNs = Math.min(lossDeadlineNs, dueNs);
      }
    }
    skipSettled();
    return found;
  }

  private void declareLost(long number, long nowNs, RecoveryListener listener) {
    int bytes = sent.bytes(number);
    long sentNs = sent.sentNs(number);
    sent.onLost(number, nowNs);
    if (number > episodeEnd) {
      episodeEnd = sent.largestSent();
      endOldWindow();
    }
    listener.onLost(number, bytes, sentNs);
  }

  private void endOldWindow() {
    if (episodesLeft > 0 && --episodesLeft == 0) {
      windowQuarters = 1;
    }
  }

  private void skipSettled() {
    scanFrom = Math.max(scanFrom, sent.oldest());
    while (scanFrom < largestAcked && sent.state(scanFrom) != State.IN_FLIGHT) {
      scanFrom++;
    }
  }
}
