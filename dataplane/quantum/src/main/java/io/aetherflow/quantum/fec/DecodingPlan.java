package io.aetherflow.quantum.fec;

import java.util.Arrays;

/**
 * How the missing sources of one erasure pattern follow from what arrived: a factor for each of the
 * repairs used and each source present, per missing source. Solves only the missing columns, e by
 * e, not the whole matrix. Serves one pattern after another; allocates only while its table grows.
 * Not thread-safe.
 */
final class DecodingPlan {
  private CodingMatrix matrix;
  private int sources;
  private long sourceMask;
  private long repairMask;
  private byte[][] factors = {};

  /** Whether this plan is solved for a pattern. */
  boolean fits(CodingMatrix matrix, int sources, long sourceMask, long repairMask) {
    return this.matrix == matrix
        && this.sources == sources
        && this.sourceMask == sourceMask
        && this.repairMask == repairMask;
  }

  /** Room for {@link #solve}, which several plans share. */
  static byte[][] workRoom() {
    return new byte[CodingMatrix.REPAIRS_MAX][2 * CodingMatrix.REPAIRS_MAX];
  }

  /**
   * Any square of parity rows and columns has an inverse: the code is MDS.
   *
   * @param sourceMask bit s: source s, below k, arrived
   * @param repairMask bit r: parity row r arrived and is used, as many as sources are missing
   */
  void solve(CodingMatrix matrix, int sources, long sourceMask, long repairMask, byte[][] work) {
    this.matrix = matrix;
    this.sources = sources;
    this.sourceMask = sourceMask;
    this.repairMask = repairMask;
    int missing = Long.bitCount(repairMask);
    ensureRoom(missing);
    fillSquare(work);
    GaloisMatrix.invertInPlace(work, missing);
    for (int i = 0; i < missing; i++) {
      System.arraycopy(work[i], missing, factors[i], 0, missing);
      addSources(factors[i], missing);
    }
  }

  /**
   * What the {@code i}-th missing source is made of: the factors of the repairs used and then of
   * the sources present, both in ascending order.
   */
  byte[] factors(int i) {
    return factors[i];
  }

  private void ensureRoom(int missing) {
    if (factors.length < missing) {
      factors = Arrays.copyOf(factors, missing);
    }
    for (int i = 0; i < missing; i++) {
      if (factors[i] == null || factors[i].length < sources) {
        factors[i] = new byte[matrix.sources()];
      }
    }
  }

  /** The parity rows used, and of them only the columns of what is missing. */
  private void fillSquare(byte[][] work) {
    int r = 0;
    for (long rows = repairMask; rows != 0; rows &= rows - 1) {
      int row = Long.numberOfTrailingZeros(rows);
      int c = 0;
      for (int source = 0; source < sources; source++) {
        if ((sourceMask >>> source & 1) == 0) {
          work[r][c++] = matrix.factor(row, source);
        }
      }
      r++;
    }
  }

  /** A source that arrived enters a missing one through the parity that contains it. */
  private void addSources(byte[] factors, int missing) {
    int input = missing;
    for (long present = sourceMask; present != 0; present &= present - 1) {
      byte[] column = matrix.column(Long.numberOfTrailingZeros(present));
      byte factor = 0;
      int i = 0;
      for (long rows = repairMask; rows != 0; rows &= rows - 1) {
        factor ^= Galois.multiply(factors[i++], column[Long.numberOfTrailingZeros(rows)]);
      }
      factors[input++] = factor;
    }
  }
}
