package io.aetherflow.runtime.balance;

/**
 * The circuit breaker of one endpoint: closed takes calls, open takes none, half-open takes one to
 * see. Not thread-safe.
 */
final class Breaker {
  /** So many failures in a row are no accident of single calls. */
  static final int FAILURES_TO_OPEN = 5;

  static final long OPEN_NS = 1_000_000_000L;

  /** An endpoint long away is tried again at least this often. */
  static final long OPEN_NS_MAX = 30_000_000_000L;

  /** How it stands towards calls. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private State state = State.CLOSED;
  private int failures;
  private int openings;
  private long untilNs;

  State state(long nowNs) {
    if (state == State.OPEN && nowNs - untilNs >= 0) {
      state = State.HALF_OPEN;
    }
    return state;
  }

  void onSuccess() {
    failures = 0;
    switch (state) {
      case CLOSED, HALF_OPEN -> {
        state = State.CLOSED;
        openings = 0;
      }
      // The answer to a call of before; the trial decides.
      case OPEN -> {}
    }
  }

  /** True when the endpoint should take no calls now; {@link #open} does it. */
  boolean onFailure(long nowNs) {
    failures++;
    return switch (state(nowNs)) {
      case CLOSED -> failures >= FAILURES_TO_OPEN;
      case HALF_OPEN -> true;
      case OPEN -> false;
    };
  }

  /** Each opening without a success in between lasts twice as long. */
  void open(long nowNs) {
    switch (state) {
      case CLOSED, HALF_OPEN -> {
        state = State.OPEN;
        untilNs = nowNs + Math.min(OPEN_NS_MAX, OPEN_NS << Math.min(openings, 5));
        openings++;
      }
      case OPEN -> throw new IllegalStateException("opened twice");
    }
  }
}
