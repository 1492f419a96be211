package io.aetherflow.quantum.fec;

/**
 * How the missing sources of one erasure pattern follow from what arrived: a factor for each of the
 * repairs used and each source present, per missing source. Solves only the missing columns, e by
 * e, not the whole matrix. Immutable.
 */
final class DecodingPlan {
  private final CodingMatrix matrix;
  private final int sources;
  private final long sourceMask;
  private final long repairMask;
  private final int missing;
  private final byte[][] factors;

  /**
   * @param sourceMask bit s: source s, below k, arrived
   * @param repairMask bit r: parity row r arrived and is used, as many as sources are missing
   */
  DecodingPlan(CodingMatrix matrix, int sources, long sourceMask, long repairMask) {
    this.matrix = matrix;
    this.sources = sources;
    this.sourceMask = sourceMask;
    this.repairMask = repairMask;
    missing = sources - Long.bitCount(sourceMask);
    int[] rows = bits(repairMask, true, CodingMatrix.REPAIRS_MAX);
    byte[][] inverse = invertMissing(rows, bits(sourceMask, false, sources));
    factors = new byte[sources][missing];
    for (int i = 0; i < missing; i++) {
      for (int r = 0; r < missing; r++) {
        factors[i][r] = inverse[r][i];
      }
    }
    int n = missing;
    for (int source : bits(sourceMask, true, sources)) {
      enterThroughRepairs(factors[n++], matrix.column(source), rows, inverse);
    }
  }

  /** Whether this plan is the one for a pattern. */
  boolean fits(CodingMatrix matrix, int sources, long sourceMask, long repairMask) {
    return this.matrix == matrix
        && this.sources == sources
        && this.sourceMask == sourceMask
        && this.repairMask == repairMask;
  }

  /** Per input, the repairs used and then the sources present in ascending order: its factors. */
  byte[][] factors() {
    return factors;
  }

  private static int[] bits(long mask, boolean set, int length) {
    int[] indices = new int[length];
    int count = 0;
    for (int i = 0; i < length; i++) {
      if ((mask >>> i & 1) == (set ? 1 : 0)) {
        indices[count++] = i;
      }
    }
    return java.util.Arrays.copyOf(indices, count);
  }

  /** Any square of parity rows and columns has an inverse: the code is MDS. */
  private byte[][] invertMissing(int[] rows, int[] columns) {
    byte[][] square = new byte[missing][missing];
    for (int r = 0; r < missing; r++) {
      for (int c = 0; c < missing; c++) {
        square[r][c] = matrix.factor(rows[r], columns[c]);
      }
    }
    return GaloisMatrix.invert(square);
  }

  /** A source that arrived enters each missing one through the parity that contains it. */
  private static void enterThroughRepairs(
      byte[] factors, byte[] column, int[] rows, byte[][] inverse) {
    for (int r = 0; r < factors.length; r++) {
      for (int i = 0; i < rows.length; i++) {
        factors[r] ^= Galois.multiply(inverse[r][i], column[rows[i]]);
      }
    }
  }
}
