package io.aetherflow.quantum.congestion;

import java.util.SplittableRandom;

/**
 * What is known of the path (section "Updating Network Path Model Parameters"); the phases read it
 * and steer it. Not thread-safe.
 */
final class PathModel {
  /** The most loss that a probe may cause (BBR.LossThresh). */
  private static final double LOSS_SHARE_MAX = 0.02;

  /**
   * So many standard deviations of the path's own loss are chance, which few packets meet often.
   */
  private static final double CHANCE_DEVIATIONS = 2;

  private static final double NS_PER_SECOND = 1e9;

  final DeliverySampler sample = new DeliverySampler();
  final RoundCounter rounds = new RoundCounter();
  final SlotMax maxBandwidth = new SlotMax();
  final MinRtt minRtt = new MinRtt();
  final AckAggregation aggregation = new AckAggregation();
  final FullPipe fullPipe = new FullPipe();
  final CongestionEvidence evidence = new CongestionEvidence();
  final CongestionSignals signals = new CongestionSignals();
  final Bounds bounds = new Bounds();
  final BandwidthProbe probe;
  final SendControl control;

  private long inflightBytes;

  PathModel(long seed, int mtuBytes) {
    probe = new BandwidthProbe(new SplittableRandom(seed));
    control = new SendControl(mtuBytes);
  }

  /** The bytes that a rate makes of a time. */
  static long volume(long bytesPerSecond, long ns) {
    return (long) (bytesPerSecond * (double) ns / NS_PER_SECOND);
  }

  /** Takes the sample of an acknowledgement, up to where phases decide (UpdateModelAndState). */
  void onSample(Phase phase, long nowNs, long bytesInFlight) {
    inflightBytes = bytesInFlight;
    signals.beforeModel(sample, evidence.wasHeavy(), lossShareMax());
    rounds.update(sample.priorDelivered(), sample.delivered());
    if (rounds.started()) {
      probe.onRound();
      evidence.onRoundStart();
    }
    evidence.onRtt(sample.rttNs(), minRtt.ns() == 0 ? sample.rttNs() : minRtt.ns());
    if (sample.rate() > 0 && (sample.rate() >= maxBandwidth.max() || !sample.sampleAppLimited())) {
      maxBandwidth.offer(sample.rate());
    }
    if (signals.endedWithCongestion() && !phase.isProbing()) {
      long volumeBytes = bdpBytes(maxBandwidth.max(), phase.windowGainPercent());
      bounds.lowerShortterm(maxBandwidth.max(), control.windowBytes(), volumeBytes, signals);
    } else if (rounds.started() && !evidence.queueInLastRounds()) {
      bounds.onQueueGone();
    }
    aggregation.update(this, control.windowBytes(), nowNs);
    fullPipe.update(this);
  }

  /** The rate that is safe on any time scale (BBR.bw). */
  long bandwidth() {
    return Math.min(maxBandwidth.max(), bounds.bandwidthShortterm());
  }

  /** Bytes in flight after the acknowledgement at hand. */
  long inflightBytes() {
    return inflightBytes;
  }

  /** A multiple of the bandwidth-delay product, in percent; the initial window before any RTT. */
  long bdpBytes(int gainPercent) {
    return bdpBytes(bandwidth(), gainPercent);
  }

  private long bdpBytes(long bandwidth, int gainPercent) {
    if (minRtt.ns() == 0) {
      return control.initialWindowBytes();
    }
    return (long) (volume(bandwidth, minRtt.ns()) * (gainPercent / 100.0));
  }

  /**
   * The volume that fills the pipe and no queue, and allows for bursts (Inflight(1.0)). Jitter
   * makes the pipe longer than its shortest round trip; without it a flow would slow down for good.
   */
  long fullPipeBytes() {
    long jitterBytes = volume(maxBandwidth.max(), evidence.jitterNs());
    return control.withBursts(bdpBytes(maxBandwidth.max(), 100) + jitterBytes);
  }

  /** What the connection means to have in flight (TargetInflight). */
  long targetBytes() {
    return Math.min(bdpBytes(100), control.windowBytes());
  }

  long inflightWithHeadroom() {
    return bounds.inflightWithHeadroom(control.mtuBytes(), control.minWindowBytes());
  }

  /** Whether more was lost than a probe may lose (IsInflightTooHigh). */
  boolean isLossTooHigh(long lostBytes, long txInFlight) {
    return lostBytes > lossBytesMax(txInFlight);
  }

  /** The most loss of so much in flight that is no lesson to a probe. */
  double lossBytesMax(long txInFlight) {
    double variance = evidence.backgroundLoss() * txInFlight * control.mtuBytes();
    return txInFlight * lossShareMax() + CHANCE_DEVIATIONS * Math.sqrt(variance);
  }

  /** The draft's threshold, on top of what the path loses anyway. */
  double lossShareMax() {
    return LOSS_SHARE_MAX + evidence.backgroundLoss();
  }
}
