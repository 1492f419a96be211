package io.aetherflow.quantum.congestion;

/**
 * Notices that sending faster no longer delivers faster (section "Exiting Acceleration Based on
 * Bandwidth Plateau"). Not thread-safe.
 */
final class FullPipe {
  /** Three rounds give the receiver the chance to open its window. */
  private static final int PLATEAU_ROUNDS = 3;

  private long baseline;
  private int flatRounds;
  private boolean now;
  private boolean reached;

  /** Takes the sample of an acknowledgement that began a round. */
  void update(PathModel model) {
    if (now || !model.rounds.started() || model.sample.sampleAppLimited()) {
      return;
    }
    long rate = model.sample.rate();
    if (rate >= baseline + baseline / 4) {
      restart(rate);
      return;
    }
    flatRounds++;
    if (flatRounds >= PLATEAU_ROUNDS) {
      now = true;
      reached = true;
    }
  }

  /** Starts looking again, from a rate that counts as already seen. */
  void restart(long baseline) {
    this.baseline = baseline;
    flatRounds = 0;
    now = false;
  }

  /** Loss showed what a plateau would have shown. */
  void declareReached() {
    reached = true;
  }

  /** Whether the pipe was found full since the last restart. */
  boolean now() {
    return now;
  }

  /** Whether the pipe was ever found full. */
  boolean reached() {
    return reached;
  }
}
