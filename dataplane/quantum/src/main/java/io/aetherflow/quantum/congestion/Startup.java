package io.aetherflow.quantum.congestion;

/** Doubles the rate every round until the pipe is full (section "Startup"). */
final class Startup extends Phase {
  /** 4 ln 2, the least pacing gain with which the rate can double each round. */
  static final int GAIN_PERCENT = 277;

  private int gainPercent = GAIN_PERCENT;

  Startup(Phases phases) {
    super(phases);
  }

  void setGainPercent(int percent) {
    gainPercent = percent;
  }

  @Override
  String label() {
    return "Startup";
  }

  @Override
  int pacingGainPercent() {
    return gainPercent;
  }

  @Override
  long windowCapBytes(PathModel model) {
    return UNCAPPED;
  }

  @Override
  boolean isProbing() {
    return true;
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    if (model.signals.endedWithHighLoss()) {
      model.fullPipe.declareReached();
      model.bounds.setInflightLongterm(
          Math.max(model.bdpBytes(100), model.signals.inflightLatest()));
    }
    return model.fullPipe.reached() ? onPipeFull() : this;
  }

  @Override
  Phase onPipeFull() {
    return phases.drain;
  }

  @Override
  Phase onRttProbeDue() {
    return phases.probeRtt;
  }
}
