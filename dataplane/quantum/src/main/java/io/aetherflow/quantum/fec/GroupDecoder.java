package io.aetherflow.quantum.fec;

import java.util.Arrays;

/**
 * Rebuilds the missing sources of a group from any parity symbols, as many as sources are missing.
 * Works on equally long symbols; a source beyond the group's k is a zero shard and takes no part.
 *
 * <p>Remembers how it solved recent erasure patterns, since solving takes longer than the sums
 * themselves and few patterns recur most of the time; allocates nothing once it has met groups as
 * large as they come. Share one among the connections of a thread. Not thread-safe.
 */
public final class GroupDecoder {
  /** Patterns remembered: the single losses of a group of ten and some pairs, at most 100 kB. */
  private static final int PLANS = 64;

  private final FecKernel kernel;
  private final DecodingPlan[] plans = new DecodingPlan[PLANS];
  private final byte[][] work = DecodingPlan.workRoom();
  private final byte[][] ins = new byte[CodingMatrix.SOURCES_MAX][];
  private final byte[][] outs = new byte[CodingMatrix.REPAIRS_MAX][];

  public GroupDecoder(FecKernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Fills the missing sources in place.
   *
   * @param symbols arrays of at least {@code length} bytes: k sources, then the parity symbols
   * @param sources k, 1 to {@code matrix.sources()}
   * @param present which of {@code symbols} arrived; the arrays of absent sources are overwritten
   * @return false if fewer symbols arrived than there are sources; nothing was written then
   */
  public boolean decode(
      CodingMatrix matrix, byte[][] symbols, int sources, boolean[] present, int length) {
    if (sources < 1 || sources > matrix.sources()) {
      throw new IllegalArgumentException("k must be 1 to N, not " + sources);
    }
    long sourceMask = mask(present, 0, sources, sources);
    int missing = sources - Long.bitCount(sourceMask);
    if (missing == 0) {
      return true;
    }
    long repairMask = mask(present, sources, symbols.length, missing);
    if (Long.bitCount(repairMask) < missing) {
      return false;
    }
    DecodingPlan plan = plan(matrix, sources, sourceMask, repairMask);
    arrange(symbols, sources, sourceMask, repairMask);
    for (int i = 0; i < missing; i++) {
      kernel.combine(plan.factors(i), ins, sources, outs[i], length);
    }
    Arrays.fill(ins, 0, sources, null);
    Arrays.fill(outs, 0, missing, null);
    return true;
  }

  /** The first {@code max} symbols present, as bits from {@code from} on. */
  private static long mask(boolean[] present, int from, int to, int max) {
    long mask = 0;
    for (int i = from, found = 0; i < to && found < max; i++) {
      if (present[i]) {
        mask |= 1L << i - from;
        found++;
      }
    }
    return mask;
  }

  private DecodingPlan plan(CodingMatrix matrix, int sources, long sourceMask, long repairMask) {
    long key = (sourceMask * 31 + repairMask) * 31 + sources;
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 58);
    DecodingPlan plan = plans[slot];
    if (plan == null) {
      plan = new DecodingPlan();
      plans[slot] = plan;
    }
    if (!plan.fits(matrix, sources, sourceMask, repairMask)) {
      plan.solve(matrix, sources, sourceMask, repairMask, work);
    }
    return plan;
  }

  /** In the order of the plan's factors: repairs used, then sources present. */
  private void arrange(byte[][] symbols, int sources, long sourceMask, long repairMask) {
    int n = 0;
    for (long rest = repairMask; rest != 0; rest &= rest - 1) {
      ins[n++] = symbols[sources + Long.numberOfTrailingZeros(rest)];
    }
    int absent = 0;
    for (int s = 0; s < sources; s++) {
      if ((sourceMask >>> s & 1) == 1) {
        ins[n++] = symbols[s];
      } else {
        outs[absent++] = symbols[s];
      }
    }
  }
}
