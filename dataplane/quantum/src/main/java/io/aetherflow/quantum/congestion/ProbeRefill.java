package io.aetherflow.quantum.congestion;

/**
 * Forgets the short-term bounds and fills the pipe for a round, so that the probe that follows does
 * not blame its own start for losses (section "ProbeBW_REFILL").
 */
final class ProbeRefill extends Phase {
  ProbeRefill(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "ProbeRefill";
  }

  @Override
  int pacingGainPercent() {
    return 100;
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
    model.bounds.resetShortterm();
    model.probe.onRefill(model.inflightBytes());
    model.rounds.restart(model.sample.delivered());
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    return model.rounds.started() ? onRefilled() : this;
  }

  @Override
  Phase onRefilled() {
    return phases.up;
  }

  @Override
  Phase onRttProbeDue() {
    return phases.probeRtt;
  }
}
