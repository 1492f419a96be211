package io.aetherflow.quantum.congestion;

/** Empties the queue that Startup built (section "Drain"). */
final class Drain extends Phase {
  /** Empties in a round what a window gain of 2 can have queued. */
  private static final int GAIN_PERCENT = 50;

  /** Longer than that, the bandwidth was overestimated, which the next probe will correct. */
  private static final int ROUNDS_MAX = 3;

  private long startRound;

  Drain(Phases phases) {
    super(phases);
  }

  @Override
  String label() {
    return "Drain";
  }

  @Override
  int pacingGainPercent() {
    return GAIN_PERCENT;
  }

  @Override
  long windowCapBytes(PathModel model) {
    return Math.max(model.bounds.inflightShortterm(), model.control.minWindowBytes());
  }

  @Override
  void enter(PathModel model, long nowNs) {
    startRound = model.rounds.count();
  }

  @Override
  Phase onAck(PathModel model, long nowNs) {
    boolean empty = model.inflightBytes() <= model.fullPipeBytes();
    return empty || model.rounds.count() > startRound + ROUNDS_MAX ? onDrained() : this;
  }

  @Override
  Phase onDrained() {
    return phases.down;
  }

  @Override
  Phase onRttProbeDue() {
    return phases.probeRtt;
  }
}
