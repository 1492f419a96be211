package io.aetherflow.quantum.connection;

/**
 * When the first packet beyond each recent gap in the numbers arrived: the time by which the
 * packets in the gap should have been here. Times are nanoseconds. Allocates nothing. Not
 * thread-safe.
 */
final class GapArrivals {
  /**
   * Gaps remembered. Parity rebuilds within milliseconds or not at all, so few are open at once.
   */
  static final int GAPS_MAX = 64;

  private final long[] endings = new long[GAPS_MAX];
  private final long[] arrivalNs = new long[GAPS_MAX];
  private long gaps;

  /**
   * @param largest the largest number that had arrived before
   */
  void onArrival(long number, long largest, long nowNs) {
    if (number > largest + 1) {
      int at = (int) (gaps++ % GAPS_MAX);
      endings[at] = number;
      arrivalNs[at] = nowNs;
    }
  }

  /** When the first packet after this missing one arrived; of a forgotten gap, a later time. */
  long firstAfterNs(long number, long nowNs) {
    long firstNs = nowNs;
    for (long gap = gaps - 1; gap >= 0 && gap >= gaps - GAPS_MAX; gap--) {
      int at = (int) (gap % GAPS_MAX);
      if (endings[at] < number) {
        break;
      }
      firstNs = arrivalNs[at];
    }
    return firstNs;
  }
}
