package io.aetherflow.quantum.congestion;

/**
 * BBRv3 (draft-ietf-ccwg-bbr) with the departures that the package describes. Keeps the order of
 * the draft's steps; the phases decide when to move on. A new path needs a new instance. Not
 * thread-safe.
 */
public final class Bbr implements CongestionController {
  private final PathModel model;
  private final Phases phases = new Phases();
  private Phase phase = phases.startup;
  private boolean idleRestart;
  private boolean rttSeen;

  /**
   * @param seed makes the times of bandwidth probes differ between connections
   * @param mtuBytes datagram size at first
   */
  public Bbr(long seed, int mtuBytes) {
    model = new PathModel(seed, mtuBytes);
    model.control.initPacing(0, phases.startup.pacingGainPercent());
  }

  @Override
  public void onPacketSent(
      long number, int bytes, long nowNs, boolean appLimited, long bytesInFlight) {
    if (bytesInFlight <= bytes && model.sample.isAppLimited()) {
      restartFromIdle(nowNs);
    }
    if (appLimited) {
      onAppLimited(bytesInFlight);
    }
    model.sample.onSent(number, bytes, nowNs, bytesInFlight);
    model.control.onSent(bytesInFlight);
  }

  /** Section "Restarting From Idle": at the known rate, and no RTT probe, for the queue is gone. */
  private void restartFromIdle(long nowNs) {
    idleRestart = true;
    model.aggregation.restart(nowNs);
    if (phase.isProbeBw()) {
      model.control.setPacing(model.bandwidth(), 100, model.evidence.backgroundLoss(), true);
    } else if (phase == phases.probeRtt) {
      moveTo(phases.probeRtt.onTime(model, nowNs), nowNs);
    }
  }

  @Override
  public void onAcked(long number, int bytes, long sentNs, long nowNs) {
    model.evidence.onAcked(phase == phases.cruise);
    model.sample.onAcked(number, bytes, sentNs, nowNs);
  }

  @Override
  public void onLost(long number, int bytes, long sentNs, long nowNs) {
    model.evidence.onLost(phase == phases.cruise);
    boolean congestion = model.evidence.isCongestion();
    int slot = model.sample.onLost(number, bytes);
    model.signals.onLost(number, bytes, model.evidence.showsQueue(), model.sample.delivered());
    if (slot >= 0 && congestion && model.probe.isCollecting()) {
      judgeProbe(slot, bytes, nowNs);
    }
    model.sample.closeLost(slot);
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    model.evidence.onSpuriousLoss();
    model.sample.onSpuriousLoss(bytes, nowNs);
    model.signals.onSpuriousLoss(bytes);
  }

  /** Section "Probing for Bandwidth In ProbeBW": HandleLostPacket. */
  private void judgeProbe(int slot, int bytes, long nowNs) {
    long inFlight = model.sample.inFlightAt(slot);
    long lost = model.sample.lostSince(slot);
    if (!model.isLossTooHigh(lost, inFlight)) {
      return;
    }
    model.probe.onTooHigh();
    if (!model.sample.appLimitedAt(slot)) {
      long safe = inflightAtLoss(inFlight - bytes, lost - bytes);
      model.bounds.setInflightLongterm(Math.max(safe, Bounds.beta(model.targetBytes())));
    }
    if (phase == phases.up) {
      moveTo(phase.onLossTooHigh(), nowNs);
    }
  }

  /** What was in flight when losses crossed the threshold, within the lost packet. */
  private long inflightAtLoss(long inFlightBefore, long lostBefore) {
    double spare = model.lossBytesMax(inFlightBefore) - lostBefore;
    return (long) (inFlightBefore + spare / (1 - model.lossShareMax()));
  }

  @Override
  public void onAckEventEnd(
      long nowNs, long bytesInFlight, long latestRttNs, long minRttNs, long smoothedRttNs) {
    if (!model.sample.endBatch(minRttNs)) {
      return;
    }
    if (!rttSeen) {
      rttSeen = true;
      model.control.initPacing(model.sample.rttNs(), phases.startup.pacingGainPercent());
    }
    model.onSample(phase, nowNs, bytesInFlight);
    if (model.rounds.started()) {
      model.control.onRound();
    }
    if (!adaptLongTerm(nowNs)) {
      moveTo(phase.onAck(model, nowNs), nowNs);
    }
    probeRttIfDue(nowNs);
    model.signals.afterModel(model.sample);
    model.control.setPacing(
        model.bandwidth(),
        phase.pacingGainPercent(),
        model.evidence.backgroundLoss(),
        model.fullPipe.reached());
    model.control.setWindow(model, phase);
  }

  /**
   * Section "ProbeBW Algorithm Details": AdaptLongTermModel.
   *
   * @return whether it moved on to another phase
   */
  private boolean adaptLongTerm(long nowNs) {
    if (!model.fullPipe.reached()) {
      return false;
    }
    if (model.probe.endsFeedback(model.rounds.started()) && phase.isProbeBw()) {
      if (!model.sample.sampleAppLimited()) {
        model.maxBandwidth.advanceIfFed();
      }
      if (model.probe.mayResume()) {
        moveTo(phase.onProbeDue(), nowNs);
        return true;
      }
    }
    if (!model.isLossTooHigh(model.sample.sampleLost(), model.sample.txInFlight())) {
      model.bounds.raiseInflightLongterm(model.sample.txInFlight());
      if (phase == phases.up) {
        phases.up.raiseBound(model);
      }
    }
    return false;
  }

  private void probeRttIfDue(long nowNs) {
    model.minRtt.update(model.sample.rttNs(), model.sample.sampleAppLimited(), nowNs);
    if (phase != phases.probeRtt && model.minRtt.isProbeDue() && !idleRestart) {
      model.control.save(true);
      moveTo(phase.onRttProbeDue(), nowNs);
    }
    idleRestart = false;
  }

  private void moveTo(Phase next, long nowNs) {
    if (next == phase) {
      return;
    }
    phase = next;
    phase.enter(model, nowNs);
  }

  @Override
  public long congestionWindowBytes() {
    return model.control.limitBytes();
  }

  @Override
  public long pacingRateBytesPerSecond() {
    return model.control.pacingRate();
  }

  @Override
  public int sendQuantumBytes() {
    return model.control.quantumBytes();
  }

  @Override
  public void onPersistentCongestion(long nowNs) {
    model.control.save(phase != phases.probeRtt);
    model.control.collapse();
  }

  @Override
  public void onMtuChanged(int bytes) {
    model.control.setMtu(bytes);
  }

  @Override
  public void onAppLimited(long bytesInFlight) {
    if (bytesInFlight + model.control.mtuBytes() <= model.control.limitBytes()) {
      model.sample.markAppLimited(bytesInFlight);
    }
  }

  @Override
  public void setTuning(int startupGainPercent, int maxCwndPackets) {
    if (phase == phases.startup) {
      model.control.scalePacing(startupGainPercent, phase.pacingGainPercent());
    }
    phases.startup.setGainPercent(startupGainPercent);
    model.control.setMaxPackets(maxCwndPackets);
  }

  @Override
  public String phaseName() {
    return phase.label();
  }
}
