package io.aetherflow.runtime.balance;

/** What is known of one instance: latency, calls under way, failures. Thread-safe. */
final class Endpoint {
  /** Share that one outcome has in the share of failures, which is forgotten over time as well. */
  private static final double OUTCOME_WEIGHT = 0.1;

  /** Below this an endpoint without a measured answer is taken for one not tried yet. */
  private static final double FAILURES_FORGOTTEN = 0.05;

  /** Keeps an endpoint that only failed comparable with others like it. */
  private static final double SUCCESS_MIN = 0.05;

  /** Above any real load: one call at a time until the first answer tells the cost. */
  private static final double UNKNOWN_COST_NS = 1e12;

  private final Fleet fleet;
  private final PeakEwma latency;
  private final Breaker breaker = new Breaker();
  private double failureShare;
  private long failureStampNs;
  private int pending;
  private boolean gone;

  Endpoint(Fleet fleet, long nowNs) {
    this.fleet = fleet;
    this.latency = new PeakEwma(nowNs);
    this.failureStampNs = nowNs;
  }

  /** How a call ended, for the endpoint's standing. */
  enum Outcome {
    SUCCESS,
    FAILURE,
    /** The caller gave up for reasons of its own, or the endpoint refused with good reason. */
    NEUTRAL
  }

  synchronized void onStart() {
    pending++;
  }

  /**
   * @param tookNs negative when the call's length says nothing of the endpoint's speed
   */
  synchronized void onEnd(Outcome outcome, long tookNs, long nowNs) {
    pending--;
    if (tookNs >= 0) {
      latency.observe(tookNs, nowNs);
    }
    judge(outcome, nowNs);
  }

  /**
   * A stream's end. While open it is not under way: it may last for days, and an ejected endpoint
   * would wait for it before its trial.
   */
  synchronized void onStreamEnd(Outcome outcome, long nowNs) {
    judge(outcome, nowNs);
  }

  private void judge(Outcome outcome, long nowNs) {
    if (gone) {
      // Its place among the ejected is given back already, and it must take none any more.
      return;
    }
    switch (outcome) {
      case SUCCESS -> {
        count(0, nowNs);
        boolean wasAway = breaker.state(nowNs) == Breaker.State.HALF_OPEN;
        breaker.onSuccess();
        if (wasAway) {
          failureShare = 0;
          fleet.returned();
        }
      }
      case FAILURE -> {
        count(1, nowNs);
        boolean wasAway = breaker.state(nowNs) == Breaker.State.HALF_OPEN;
        if (breaker.onFailure(nowNs) && (wasAway || fleet.mayEject())) {
          breaker.open(nowNs);
        }
      }
      case NEUTRAL -> {}
    }
  }

  /** Lower is better. */
  synchronized double load(long nowNs) {
    if (breaker.state(nowNs) == Breaker.State.HALF_OPEN) {
      // admits() lets only one call through, and without it the endpoint would never come back.
      return 0;
    }
    double failures = failureShare(nowNs);
    double success = Math.max(SUCCESS_MIN, 1 - failures);
    if (!latency.sampled()) {
      boolean untried = pending == 0 && failures < FAILURES_FORGOTTEN;
      return untried ? 0 : (UNKNOWN_COST_NS + pending) / success;
    }
    return latency.costNs(nowNs) * (pending + 1) / (success * success);
  }

  private void count(double failure, long nowNs) {
    double before = failureShare(nowNs);
    failureShare = before + (failure - before) * OUTCOME_WEIGHT;
    failureStampNs = nowNs;
  }

  private double failureShare(long nowNs) {
    long age = Math.max(0, nowNs - failureStampNs);
    return failureShare * Math.exp(-(double) age / PeakEwma.DECAY_NS);
  }

  synchronized boolean admits(long nowNs) {
    return switch (breaker.state(nowNs)) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> pending == 0;
    };
  }

  /** The instance is gone; it no longer counts among the ejected. */
  synchronized void forget(long nowNs) {
    gone = true;
    if (breaker.state(nowNs) != Breaker.State.CLOSED) {
      fleet.returned();
    }
  }

  synchronized int pending() {
    return pending;
  }
}
