package io.aetherflow.quantum.congestion;

/**
 * Sends faster than the path is known to deliver, and raises the long-term bound where it stands in
 * the way, by 1, 2, 4, 8 packets in successive rounds (section "ProbeBW_UP").
 */
final class ProbeUp extends Phase {
  private static final int GAIN_PERCENT = 125;
  private static final int WINDOW_GAIN_PERCENT = 225;
  private static final int BURST_PACKETS = 2;

  /** Keeps the doubling within an int. */
  private static final int DOUBLINGS_MAX = 30;

  private int doublings;
  private long ackedBytes;
  private long ackedBytesPerPacket;

  ProbeUp(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "ProbeUp";
  }

  @Override
  int pacingGainPercent() {
    return GAIN_PERCENT;
  }

  @Override
  int windowGainPercent() {
    return WINDOW_GAIN_PERCENT;
  }

  @Override
  int burstPackets() {
    return BURST_PACKETS;
  }

  @Override
  long windowCapBytes(PathModel model) {
    return Math.max(model.bounds.inflightLongterm(), model.control.minWindowBytes());
  }

  @Override
  boolean isProbing() {
    return true;
  }

  @Override
  boolean isProbeBw() {
    return true;
  }

  @Override
  void enter(PathModel model, long nowNs) {
    model.probe.onUp();
    model.rounds.restart(model.sample.delivered());
    model.fullPipe.restart(model.sample.rate());
    doublings = 0;
    ackedBytes = 0;
    steepen(model);
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    long longterm = model.bounds.inflightLongterm();
    if (model.probe.wasTooHigh() && model.inflightBytes() >= longterm) {
      model.probe.onPrecaution();
      model.probe.onSuccess();
      return onProbeEnd();
    }
    boolean bounded = model.control.isWindowLimited() && model.control.windowBytes() >= longterm;
    if (bounded) {
      model.fullPipe.restart(model.sample.rate());
    }
    if (bounded || !model.fullPipe.now()) {
      return this;
    }
    model.probe.onSuccess();
    return onProbeEnd();
  }

  /** Loss stayed low: raises the bound if it is what limits the window. */
  void raiseBound(PathModel model) {
    long longterm = model.bounds.inflightLongterm();
    if (!model.control.isWindowLimited() || model.control.windowBytes() < longterm) {
      return;
    }
    ackedBytes += model.sample.newlyAcked();
    long packets = ackedBytes / ackedBytesPerPacket;
    ackedBytes -= packets * ackedBytesPerPacket;
    model.bounds.raiseInflightLongterm(longterm + packets * model.control.mtuBytes());
    if (model.rounds.started()) {
      steepen(model);
    }
  }

  private void steepen(PathModel model) {
    long packets = 1L << doublings;
    doublings = Math.min(doublings + 1, DOUBLINGS_MAX);
    ackedBytesPerPacket = Math.max(model.control.windowBytes() / packets, model.control.mtuBytes());
  }

  @Override
  Phase onProbeEnd() {
    return phases.down;
  }

  @Override
  Phase onLossTooHigh() {
    return phases.down;
  }

  @Override
  Phase onRttProbeDue() {
    return phases.probeRtt;
  }
}
