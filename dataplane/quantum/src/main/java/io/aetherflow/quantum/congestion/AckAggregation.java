package io.aetherflow.quantum.congestion;

/**
 * How much more than the rate explains arrives acknowledged at once (section "BBR.extra_acked");
 * the window grows by that, so that silence between bunches does not stall it. Not thread-safe.
 */
final class AckAggregation {
  /** Two slots of five rounds: the draft's window of 10 rounds. */
  private static final int SLOT_ROUNDS = 5;

  private final SlotMax extra = new SlotMax();
  private long startNs;
  private long delivered;
  private int slotRounds;

  void update(PathModel model, long windowBytes, long nowNs) {
    if (model.rounds.started()) {
      slotRounds++;
      if (slotRounds >= (model.fullPipe.reached() ? SLOT_ROUNDS : 1)) {
        slotRounds = 0;
        extra.advance();
      }
    }
    long expected = PathModel.volume(model.bandwidth(), nowNs - startNs);
    if (delivered <= expected) {
      restart(nowNs);
      expected = 0;
    }
    delivered += model.sample.newlyAcked();
    extra.offer(Math.min(delivered - expected, windowBytes));
  }

  void restart(long nowNs) {
    startNs = nowNs;
    delivered = 0;
  }

  long extraBytes() {
    return extra.max();
  }
}
