package io.aetherflow.quantum.congestion;

/**
 * The path's round trip without queues (section "ProbeRTT Logic"): the smallest sample of 10 s, and
 * when it was last seen, which schedules ProbeRTT. A flow that goes on seeing the minimum, within
 * what timers and links add, has nothing to probe for: there is no queue, and halving the window
 * would only cost rate and make calls wait. Not thread-safe.
 */
final class MinRtt {
  /** Longer than a ProbeRTT cycle, so that the window holds samples without a queue. */
  private static final long WINDOW_NS = 10_000_000_000L;

  /** With 200 ms of probing costs at most 2 % of the rate. */
  static final long PROBE_INTERVAL_NS = 5_000_000_000L;

  /** Of a sparse flow, above the minimum by no more than this share is the minimum again. */
  private static final int SPARSE_SHARE = 32;

  /** Of a flow that fills the path, less: several may hold a little queue together. */
  private static final int FULL_SHARE = 128;

  private long minNs;
  private long minStampNs;
  private long probeMinNs;
  private long probeStampNs;
  private boolean probeDue;

  /**
   * Takes a sample.
   *
   * @param appLimited whether its packet left while the application sent less than the path takes
   */
  void update(long rttNs, boolean appLimited, long nowNs) {
    probeDue = probeMinNs != 0 && nowNs > probeStampNs + PROBE_INTERVAL_NS;
    if (probeMinNs == 0 || rttNs < probeMinNs || probeDue) {
      probeMinNs = rttNs;
      probeStampNs = nowNs;
    } else if (rttNs <= confirmingNs(appLimited)) {
      probeStampNs = nowNs;
    }
    if (minNs == 0 || probeMinNs < minNs || nowNs > minStampNs + WINDOW_NS) {
      minNs = probeMinNs;
      minStampNs = probeStampNs;
    }
  }

  private long confirmingNs(boolean appLimited) {
    return probeMinNs + probeMinNs / (appLimited ? SPARSE_SHARE : FULL_SHARE);
  }

  /** A probe ended; the next is due an interval from now. */
  void onProbed(long nowNs) {
    probeStampNs = nowNs;
  }

  boolean isProbeDue() {
    return probeDue;
  }

  /** 0 before the first sample. */
  long ns() {
    return minNs;
  }
}
