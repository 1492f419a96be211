package io.aetherflow.quantum.fec;

/**
 * Rebuilds the missing sources of a group from any parity symbols, as many as sources are missing.
 * Works on equally long symbols; a source beyond the group's k is a zero shard and takes no part.
 *
 * <p>Solves only the missing columns (e by e, e missing), not the whole matrix. Allocates a few
 * small arrays per call, which happens per loss and not per packet. Stateless but for its kernel.
 */
public final class GroupDecoder {
  private final FecKernel kernel;

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
    int[] missing = pick(present, 0, sources, false, sources);
    if (missing.length == 0) {
      return true;
    }
    int[] repairs = pick(present, sources, symbols.length, true, missing.length);
    if (repairs.length < missing.length) {
      return false;
    }
    byte[][] inverse = invertMissing(matrix, sources, missing, repairs);
    byte[][] factors = new byte[sources][];
    byte[][] ins = new byte[sources][];
    int n = 0;
    for (int i = 0; i < repairs.length; i++) {
      ins[n] = symbols[repairs[i]];
      factors[n++] = column(inverse, i);
    }
    for (int s = 0; s < sources; s++) {
      if (present[s]) {
        ins[n] = symbols[s];
        factors[n++] = sourceFactors(matrix, sources, inverse, repairs, s);
      }
    }
    byte[][] outs = new byte[missing.length][];
    for (int i = 0; i < missing.length; i++) {
      outs[i] = symbols[missing[i]];
    }
    kernel.combine(factors, missing.length, ins, n, outs, length);
    return true;
  }

  private static int[] pick(boolean[] present, int from, int to, boolean wanted, int max) {
    int[] picked = new int[max];
    int count = 0;
    for (int i = from; i < to && count < max; i++) {
      if (present[i] == wanted) {
        picked[count++] = i;
      }
    }
    return java.util.Arrays.copyOf(picked, count);
  }

  /** Any square of parity rows and columns has an inverse: the code is MDS. */
  private static byte[][] invertMissing(
      CodingMatrix matrix, int sources, int[] missing, int[] repairs) {
    byte[][] square = new byte[missing.length][missing.length];
    for (int r = 0; r < repairs.length; r++) {
      for (int c = 0; c < missing.length; c++) {
        square[r][c] = matrix.factor(repairs[r] - sources, missing[c]);
      }
    }
    return GaloisMatrix.invert(square);
  }

  private static byte[] column(byte[][] matrix, int c) {
    byte[] column = new byte[matrix.length];
    for (int r = 0; r < column.length; r++) {
      column[r] = matrix[r][c];
    }
    return column;
  }

  /** How an arrived source enters each missing one, through the parity symbols that contain it. */
  private static byte[] sourceFactors(
      CodingMatrix matrix, int sources, byte[][] inverse, int[] repairs, int source) {
    byte[] factors = new byte[inverse.length];
    byte[] column = matrix.column(source);
    for (int r = 0; r < factors.length; r++) {
      int sum = 0;
      for (int i = 0; i < repairs.length; i++) {
        sum ^= Galois.multiply(inverse[r][i], column[repairs[i] - sources]);
      }
      factors[r] = (byte) sum;
    }
    return factors;
  }
}
