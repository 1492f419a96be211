package io.aetherflow.quantum.congestion;

/** Sends slower than the path delivers, so that queues empty and others find room. */
final class ProbeDown extends Phase {
  /** The least gain at which flows converge to fair shares, given 1.25 on the way up. */
  private static final int GAIN_PERCENT = 90;

  ProbeDown(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "ProbeDown";
  }

  @Override
  int pacingGainPercent() {
    return GAIN_PERCENT;
  }

  @Override
  long windowCapBytes(PathModel model) {
    long cap = Math.min(model.bounds.inflightLongterm(), model.bounds.inflightShortterm());
    return Math.max(cap, model.control.minWindowBytes());
  }

  @Override
  boolean isProbeBw() {
    return true;
  }

  @Override
  void enter(PathModel model, long nowNs) {
    model.signals.reset();
    model.probe.onDown(nowNs);
    model.rounds.restart(model.sample.delivered());
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    if (model.probe.isDue(nowNs, model.targetBytes() / model.control.mtuBytes())) {
      return onProbeDue();
    }
    long inflight = model.inflightBytes();
    boolean room = inflight <= model.inflightWithHeadroom() && inflight <= model.fullPipeBytes();
    return room || inflight <= takenBackBytes(model) ? onHeadroom() : this;
  }

  /**
   * With no more in flight than before the probe, and room for others, the flow has taken back what
   * it added: a queue that still stands is not of its making, and to wait for its end would only
   * give the rate away.
   */
  private static long takenBackBytes(PathModel model) {
    return Bounds.lessHeadroom(model.probe.startBytes(), model.control.mtuBytes());
  }

  @Override
  Phase onHeadroom() {
    return phases.cruise;
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
