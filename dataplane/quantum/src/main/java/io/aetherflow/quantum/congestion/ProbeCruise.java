package io.aetherflow.quantum.congestion;

/** Sends as fast as the path delivers and gives way to losses (section "ProbeBW_CRUISE"). */
final class ProbeCruise extends Phase {
  ProbeCruise(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "ProbeCruise";
  }

  @Override
  int pacingGainPercent() {
    return 100;
  }

  @Override
  long windowCapBytes(PathModel model) {
    long cap = Math.min(model.inflightWithHeadroom(), model.bounds.inflightShortterm());
    return Math.max(cap, model.control.minWindowBytes());
  }

  @Override
  boolean isProbeBw() {
    return true;
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    long targetPackets = model.targetBytes() / model.control.mtuBytes();
    return model.probe.isDue(nowNs, targetPackets) ? onProbeDue() : this;
  }

  @Override
  Phase onProbeDue() {
    return phases.refill;
  }

  @Override
  Phase onRttProbeDue() {
    return phases.probeRtt;
  }
}
