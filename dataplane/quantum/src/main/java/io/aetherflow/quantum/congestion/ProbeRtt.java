package io.aetherflow.quantum.congestion;

/** Halves what is in flight for 200 ms and a round, to see the RTT without queue. */
final class ProbeRtt extends Phase {
  private static final int WINDOW_GAIN_PERCENT = 50;
  private static final long DURATION_NS = 200_000_000;
  private static final long NOT_LOW_YET = Long.MIN_VALUE;

  private long doneNs = NOT_LOW_YET;
  private boolean roundDone;

  ProbeRtt(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "ProbeRtt";
  }

  @Override
  int pacingGainPercent() {
    return 100;
  }

  @Override
  int windowGainPercent() {
    return WINDOW_GAIN_PERCENT;
  }

  @Override
  long windowCapBytes(PathModel model) {
    long cap = Math.min(model.inflightWithHeadroom(), model.bounds.inflightShortterm());
    return Math.max(Math.min(cap, lowBytes(model)), model.control.minWindowBytes());
  }

  private long lowBytes(PathModel model) {
    return Math.max(model.bdpBytes(WINDOW_GAIN_PERCENT), model.control.minWindowBytes());
  }

  @Override
  void enter(PathModel model, long nowNs) {
    doneNs = NOT_LOW_YET;
    roundDone = false;
    model.probe.onProbeRtt();
    model.rounds.restart(model.sample.delivered());
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    model.sample.markAppLimited(model.inflightBytes());
    if (doneNs == NOT_LOW_YET) {
      if (model.inflightBytes() <= lowBytes(model)) {
        doneNs = nowNs + DURATION_NS;
        model.rounds.restart(model.sample.delivered());
      }
      return this;
    }
    roundDone |= model.rounds.started();
    return roundDone ? onTime(model, nowNs) : this;
  }

  /** The phase at this time; idleness may have ended the probe without an acknowledgement. */
  Phase onTime(PathModel model, long nowNs) {
    if (doneNs == NOT_LOW_YET || nowNs <= doneNs) {
      return this;
    }
    model.minRtt.onProbed(nowNs);
    model.control.restore();
    model.bounds.resetShortterm();
    if (!model.fullPipe.reached()) {
      return onRttProbedEarly();
    }
    phases.down.enter(model, nowNs);
    return onRttProbed();
  }

  /** The cycle begins anew, but nothing is queued now, so its part for emptying is over. */
  @Override
  Phase onRttProbed() {
    return phases.cruise;
  }

  @Override
  Phase onRttProbedEarly() {
    return phases.startup;
  }
}
