package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameLimits;

/**
 * Finds the largest datagram of the path by probing (RFC 8899): the ceiling first, then halving.
 * Also notices when full-size datagrams stop arriving and falls back to the base. Times are
 * nanoseconds. Not thread-safe.
 */
final class PathMtu {
  /** What every path carries (RFC 8899's BASE_PLPMTU). */
  static final int BASE_BYTES = FrameLimits.DATAGRAM_BYTES_MIN;

  private static final int PROBES_PER_SIZE = 3;

  /** A difference that is worth no further probe. */
  private static final int STEP_BYTES = 16;

  /**
   * From a lost probe to the next, the least of RFC 8899's PROBE_TIMER: three in one overflow of a
   * queue would say nothing of their size.
   */
  private static final long AGAIN_NS = 1_000_000_000L;

  /** PMTU_RAISE_TIMER of RFC 8899. */
  private static final long RAISE_NS = 600_000_000_000L;

  /**
   * Losses above the base that mean a black hole: with no arrival between, and each of a packet
   * that left after the one before was noticed. A queue that overflows loses more at once, but not
   * everything again after that.
   */
  private static final int BLACK_HOLE_LOSSES = 4;

  private int current = BASE_BYTES;
  private int ceiling;
  private int tooLarge;
  private int probing;
  private int failures;
  private int lossesAboveBase;
  private long lossNoticedNs;
  private long nextNs;

  /** Starts searching on a fresh path. */
  void start(int ceilingBytes, long nowNs) {
    ceiling = ceilingBytes;
    tooLarge = ceiling + 1;
    current = BASE_BYTES;
    probing = 0;
    failures = 0;
    lossesAboveBase = 0;
    nextNs = nowNs;
  }

  int currentBytes() {
    return current;
  }

  /** The size to probe now, 0 for none. */
  int probeBytes(long nowNs) {
    if (ceiling == 0 || probing != 0 || nowNs < nextNs) {
      return 0;
    }
    if (nextSize() == 0) {
      tooLarge = ceiling + 1;
    }
    return nextSize();
  }

  private int nextSize() {
    if (tooLarge - current <= STEP_BYTES && tooLarge <= ceiling || current == ceiling) {
      return 0;
    }
    return tooLarge > ceiling ? ceiling : (current + tooLarge) / 2;
  }

  /** When {@link #probeBytes} may have an answer. */
  long nextNs() {
    return ceiling == 0 || probing != 0 || current == ceiling ? TimerTable.NEVER : nextNs;
  }

  void onProbeSent(int bytes) {
    probing = bytes;
  }

  /** Whether the path's size grew. */
  boolean onProbeAcked(int bytes, long nowNs) {
    probing = 0;
    failures = 0;
    lossesAboveBase = 0;
    if (bytes <= current || bytes > ceiling) {
      return false;
    }
    current = bytes;
    scheduleNext(nowNs);
    return true;
  }

  void onProbeLost(int bytes, long nowNs) {
    if (bytes != probing) {
      return;
    }
    probing = 0;
    if (++failures >= PROBES_PER_SIZE) {
      failures = 0;
      tooLarge = bytes;
    }
    scheduleNext(nowNs);
    nextNs = Math.max(nextNs, nowNs + AGAIN_NS);
  }

  private void scheduleNext(long nowNs) {
    nextNs = nextSize() == 0 ? nowNs + RAISE_NS : nowNs;
  }

  void onAcked(int bytes) {
    if (bytes > BASE_BYTES) {
      lossesAboveBase = 0;
    }
  }

  /** Whether the path's size fell back to the base. */
  boolean onLost(int bytes, long sentNs, long nowNs) {
    boolean again = lossesAboveBase > 0 && sentNs < lossNoticedNs;
    if (bytes <= BASE_BYTES || current == BASE_BYTES || again) {
      return false;
    }
    lossNoticedNs = nowNs;
    if (++lossesAboveBase < BLACK_HOLE_LOSSES) {
      return false;
    }
    lossesAboveBase = 0;
    current = BASE_BYTES;
    nextNs = nowNs + RAISE_NS / 10;
    return true;
  }
}
