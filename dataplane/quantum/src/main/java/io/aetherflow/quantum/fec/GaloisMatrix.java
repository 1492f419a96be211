package io.aetherflow.quantum.fec;

/** Matrices of GF(2^8) elements as rows. Stateless. */
final class GaloisMatrix {
  private GaloisMatrix() {}

  static byte[][] times(byte[][] left, byte[][] right) {
    byte[][] product = new byte[left.length][right[0].length];
    for (int r = 0; r < left.length; r++) {
      for (int c = 0; c < right[0].length; c++) {
        for (int i = 0; i < right.length; i++) {
          product[r][c] ^= Galois.multiply(left[r][i], right[i][c]);
        }
      }
    }
    return product;
  }

  /** Gauss-Jordan; the matrix must be square and have an inverse. */
  static byte[][] invert(byte[][] matrix) {
    int n = matrix.length;
    byte[][] work = new byte[n][2 * n];
    for (int r = 0; r < n; r++) {
      System.arraycopy(matrix[r], 0, work[r], 0, n);
      work[r][n + r] = 1;
    }
    for (int pivot = 0; pivot < n; pivot++) {
      bringUpPivot(work, pivot);
      scale(work[pivot], Galois.inverse(work[pivot][pivot]));
      for (int r = 0; r < n; r++) {
        if (r != pivot) {
          addScaled(work[r], work[pivot], work[r][pivot]);
        }
      }
    }
    byte[][] inverse = new byte[n][n];
    for (int r = 0; r < n; r++) {
      System.arraycopy(work[r], n, inverse[r], 0, n);
    }
    return inverse;
  }

  private static void bringUpPivot(byte[][] work, int pivot) {
    for (int r = pivot; r < work.length; r++) {
      if (work[r][pivot] != 0) {
        byte[] row = work[r];
        work[r] = work[pivot];
        work[pivot] = row;
        return;
      }
    }
    throw new ArithmeticException("matrix has no inverse");
  }

  private static void scale(byte[] row, byte factor) {
    for (int c = 0; c < row.length; c++) {
      row[c] = Galois.multiply(row[c], factor);
    }
  }

  private static void addScaled(byte[] row, byte[] other, byte factor) {
    for (int c = 0; c < row.length; c++) {
      row[c] ^= Galois.multiply(other[c], factor);
    }
  }
}
