package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.congestion.CongestionController;
import io.aetherflow.quantum.fec.LossEstimator;
import io.aetherflow.quantum.packet.PacketRanges;
import io.aetherflow.quantum.recovery.AckProcessor;
import io.aetherflow.quantum.recovery.LossDetector;
import io.aetherflow.quantum.recovery.RecoveryListener;
import io.aetherflow.quantum.recovery.RttEstimator;
import io.aetherflow.quantum.recovery.SentPackets;
import io.aetherflow.quantum.recovery.SentPackets.State;

/**
 * What became of our packets, and who must know: frames are confirmed or sent again, congestion
 * control and parity policy learn of losses. Times are nanoseconds. Not thread-safe.
 */
final class Recovery implements RecoveryListener, PathMetrics {
  /** Probes without an answer that mean persistent congestion (about RFC 9002's 3 timeouts). */
  private static final int PERSISTENT_PROBES = 3;

  private final SentPackets sent = new SentPackets();
  private final RttEstimator rtt = new RttEstimator();
  private final LossDetector losses;
  private final AckProcessor acks;
  private final SentFrames frames = new SentFrames();
  private final FrameOutcome outcome;
  private final ConnectionTrace trace;
  private final LossEstimator lossEstimator = new LossEstimator();
  private CongestionController congestion;
  private long congestionFrom = 1;
  private long peerAck;
  private boolean peerHasGap;
  private long nowNs;
  private boolean mtuGrew;
  private boolean mtuFell;
  private final PathMtu mtu;
  private String phase = "";

  /** Where frames go whose packet arrived or was lost. */
  interface FrameOutcome {
    SentFrames.Visitor acked();

    SentFrames.Visitor lost();
  }

  Recovery(
      CongestionController congestion,
      PathMtu mtu,
      long maxAckDelayNs,
      FrameOutcome outcome,
      ConnectionTrace trace) {
    this.congestion = congestion;
    this.mtu = mtu;
    this.outcome = outcome;
    this.trace = trace;
    losses = new LossDetector(sent, rtt, maxAckDelayNs);
    acks = new AckProcessor(sent, rtt, losses);
  }

  SentFrames frames() {
    return frames;
  }

  /** Gives memory back while nothing is in flight. */
  void trim() {
    sent.trim();
    frames.trim();
  }

  SentPackets sent() {
    return sent;
  }

  RttEstimator rtt() {
    return rtt;
  }

  LossDetector losses() {
    return losses;
  }

  CongestionController congestion() {
    return congestion;
  }

  /** What the parity policy goes by. */
  LossEstimator lossEstimator() {
    return lossEstimator;
  }

  /** Starts afresh on another path; packets of the old one no longer count for its control. */
  void onNewPath(CongestionController fresh, long nowNs) {
    this.nowNs = nowNs;
    congestion = fresh;
    congestionFrom = sent.nextNumber();
    rtt.reset();
    losses.onNewPath(nowNs, this);
    tellMetrics();
  }

  boolean windowAllows(int bytes) {
    return sent.bytesInFlight() + bytes <= congestion.congestionWindowBytes();
  }

  /**
   * Records a packet that left.
   *
   * @param inFlightBytes 0 for one that wants no answer
   */
  void onSent(int inFlightBytes, boolean appLimited, long nowNs) {
    long number = sent.onSent(inFlightBytes, nowNs);
    frames.commit(number);
    if (inFlightBytes > 0) {
      losses.onSent(nowNs);
      if (!frames.isMtuProbe(number)) {
        congestion.onPacketSent(number, inFlightBytes, nowNs, appLimited, sent.bytesInFlight());
      }
    }
  }

  /** Takes an acknowledgement; false if it covers what was never sent. */
  boolean onAck(long ack, PacketRanges above, long ackDelayNs, long nowNs) {
    this.nowNs = nowNs;
    if (!acks.onAck(ack, above, ackDelayNs, nowNs, this)) {
      return false;
    }
    if (ack >= peerAck) {
      peerAck = ack;
      peerHasGap = above.count() > 0;
    }
    frames.releaseBelow(sent.oldest());
    if (acks.tookRttSample()) {
      trace.onRtt(rtt.latestNs(), nowNs);
    }
    endBatch();
    return true;
  }

  private void endBatch() {
    congestion.onAckEventEnd(
        nowNs, sent.bytesInFlight(), rtt.latestNs(), rtt.minNs(), rtt.smoothedNs());
    tellMetrics();
  }

  private void tellMetrics() {
    String now = congestion.phaseName();
    if (!now.equals(phase)) {
      phase = now;
      trace.onCongestionPhase(now, nowNs);
    }
    trace.onMetrics(this, nowNs);
  }

  @Override
  public long smoothedRttNs() {
    return rtt.smoothedNs();
  }

  @Override
  public long latestRttNs() {
    return rtt.latestNs();
  }

  @Override
  public long minRttNs() {
    return rtt.minNs();
  }

  @Override
  public long rttVariationNs() {
    return rtt.variationNs();
  }

  @Override
  public long congestionWindowBytes() {
    return congestion.congestionWindowBytes();
  }

  @Override
  public long bytesInFlight() {
    return sent.bytesInFlight();
  }

  @Override
  public long pacingRateBytesPerSecond() {
    return congestion.pacingRateBytesPerSecond();
  }

  @Override
  public double lossShare() {
    return lossEstimator.lossShare();
  }

  /** Takes RECOVERED; false if it names what was never sent. */
  boolean onPeerRecovered(PacketRanges ranges, long nowNs) {
    this.nowNs = nowNs;
    if (ranges.last(0) > sent.largestSent()) {
      return false;
    }
    for (int i = 0; i < ranges.count(); i++) {
      long end = Math.max(ranges.first(i), sent.oldest());
      for (long number = ranges.last(i); number >= end; number--) {
        recovered(number);
      }
    }
    return true;
  }

  private void recovered(long number) {
    State before = sent.state(number);
    if (before != State.IN_FLIGHT && before != State.LOST) {
      return;
    }
    int bytes = sent.bytes(number);
    long sentNs = sent.sentNs(number);
    sent.onRecovered(number, nowNs);
    trace.onPeerRecovered(number, bytes, before == State.LOST, nowNs);
    if (before == State.IN_FLIGHT) {
      reportLoss(number, bytes, sentNs);
    }
    frames.visit(number, outcome.acked());
    frames.release(number);
  }

  private void reportLoss(long number, int bytes, long sentNs) {
    if (number >= congestionFrom) {
      lossEstimator.onLost(number, nowNs);
      mtuFell |= mtu.onLost(bytes, sentNs, nowNs);
      congestion.onLost(number, bytes, sentNs, nowNs);
    }
  }

  @Override
  public void onAcked(long number, int bytes, long sentNs) {
    trace.onPacketAcked(number, bytes, sentNs, nowNs);
    boolean probe = frames.isMtuProbe(number);
    if (!probe && number >= congestionFrom) {
      congestion.onAcked(number, bytes, sentNs, nowNs);
    }
    if (probe) {
      mtuGrew |= mtu.onProbeAcked(bytes, nowNs);
    } else {
      mtu.onAcked(bytes);
      lossEstimator.onAcked(nowNs);
    }
    frames.visit(number, outcome.acked());
    frames.release(number);
  }

  @Override
  public void onLost(long number, int bytes, long sentNs) {
    trace.onPacketLost(number, bytes, sentNs, nowNs);
    if (frames.isMtuProbe(number)) {
      mtu.onProbeLost(bytes, nowNs);
      return;
    }
    reportLoss(number, bytes, sentNs);
    frames.visit(number, outcome.lost());
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long sentNs) {
    trace.onSpuriousLoss(number, bytes, nowNs);
    if (frames.isMtuProbe(number)) {
      mtuGrew |= mtu.onProbeAcked(bytes, nowNs);
    } else if (number >= congestionFrom) {
      lossEstimator.onSpuriousLoss();
      congestion.onSpuriousLoss(number, bytes, nowNs);
    }
    frames.visit(number, outcome.acked());
    frames.release(number);
  }

  /** Takes the path's new size, if it changed since the last call; 0 if not. */
  int takeMtuChange() {
    boolean changed = mtuGrew || mtuFell;
    mtuGrew = false;
    mtuFell = false;
    if (changed) {
      congestion.onMtuChanged(mtu.currentBytes());
    }
    return changed ? mtu.currentBytes() : 0;
  }

  LossDetector.Timeout onTimeout(long nowNs) {
    this.nowNs = nowNs;
    LossDetector.Timeout timeout = losses.onTimeout(nowNs, this);
    if (timeout == LossDetector.Timeout.PROBE && losses.probes() == PERSISTENT_PROBES) {
      congestion.onPersistentCongestion(nowNs);
    }
    if (timeout == LossDetector.Timeout.LOSS) {
      endBatch();
    }
    return timeout;
  }

  /**
   * Marks the oldest unacknowledged frames to be sent again, without declaring them lost; after a
   * probe without an answer all of them, since a peer that is short of buffers may refuse a packet
   * and yet take the data that its reader waits for.
   */
  void requeue() {
    boolean all = losses.probes() > 1;
    for (long number = sent.oldest(); number < sent.nextNumber(); number++) {
      boolean worth = !frames.isEmpty(number) && !frames.isMtuProbe(number);
      if (worth && sent.state(number) == State.IN_FLIGHT) {
        frames.visit(number, outcome.lost());
        if (!all) {
          return;
        }
      }
    }
  }

  /**
   * The n of a FORGO that is worth sending, 0 for none: only while the peer reports a gap that it
   * cannot close.
   */
  long forgo(long nowNs) {
    if (!peerHasGap) {
      return 0;
    }
    long number = sent.forgo(nowNs, rtt.smoothedNs());
    return number - 1 > peerAck ? number : 0;
  }

  void onForgoSent(long number) {
    acks.onForgoSent(number);
  }
}
