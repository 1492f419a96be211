package io.aetherflow.quantum.fec;

import io.aetherflow.quantum.frame.FrameLimits;

/**
 * The parity rows for groups of N sources: a Vandermonde matrix (row r, column c: r to the c) times
 * the inverse of its top square. A row depends on N alone, never on how many rows are used, so one
 * matrix serves every m. Immutable.
 */
public final class CodingMatrix {
  /** Most columns, N. */
  public static final int SOURCES_MAX = FrameLimits.FEC_SOURCES_MAX;

  /** Most parity rows, m. */
  public static final int REPAIRS_MAX = FrameLimits.FEC_REPAIRS_MAX;

  private final byte[][] columns;

  /** Computes the matrix, about N^3 multiplications; keep it. */
  public CodingMatrix(int sources) {
    if (sources < 1 || sources > SOURCES_MAX) {
      throw new IllegalArgumentException("a group has 1 to 64 sources, not " + sources);
    }
    byte[][] inverse = GaloisMatrix.invert(vandermonde(0, sources, sources));
    byte[][] rows = GaloisMatrix.times(vandermonde(sources, REPAIRS_MAX, sources), inverse);
    columns = new byte[sources][REPAIRS_MAX];
    for (int r = 0; r < REPAIRS_MAX; r++) {
      for (int c = 0; c < sources; c++) {
        columns[c][r] = rows[r][c];
      }
    }
  }

  private static byte[][] vandermonde(int firstRow, int rows, int columns) {
    byte[][] matrix = new byte[rows][columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        matrix[r][c] = Galois.power(firstRow + r, c);
      }
    }
    return matrix;
  }

  /** N. */
  public int sources() {
    return columns.length;
  }

  /** Factor of source {@code source} in parity row {@code repair}. */
  public byte factor(int repair, int source) {
    return columns[source][repair];
  }

  /** Factors of one source in all parity rows, shared: callers only read. */
  byte[] column(int source) {
    return columns[source];
  }
}
