package io.aetherflow.quantum.fec;

import java.util.Arrays;

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

  /** The inverse of a square matrix that has one. */
  static byte[][] invert(byte[][] matrix) {
    int n = matrix.length;
    byte[][] work = new byte[n][2 * n];
    for (int r = 0; r < n; r++) {
      System.arraycopy(matrix[r], 0, work[r], 0, n);
    }
    invertInPlace(work, n);
    byte[][] inverse = new byte[n][n];
    for (int r = 0; r < n; r++) {
      System.arraycopy(work[r], n, inverse[r], 0, n);
    }
    return inverse;
  }

  /**
   * Gauss-Jordan: {@code work} holds an n by n matrix on the left and then its inverse to the right
   * of that. Changes the order of rows; allocates nothing.
   */
  static void invertInPlace(byte[][] work, int n) {
    for (int r = 0; r < n; r++) {
      Arrays.fill(work[r], n, 2 * n, (byte) 0);
      work[r][n + r] = 1;
    }
    for (int pivot = 0; pivot < n; pivot++) {
      bringUpPivot(work, pivot, n);
      scale(work[pivot], Galois.inverse(work[pivot][pivot]), 2 * n);
      for (int r = 0; r < n; r++) {
        if (r != pivot) {
          addScaled(work[r], work[pivot], work[r][pivot], 2 * n);
        }
      }
    }
  }

  private static void bringUpPivot(byte[][] work, int pivot, int n) {
    for (int r = pivot; r < n; r++) {
      if (work[r][pivot] != 0) {
        byte[] row = work[r];
        work[r] = work[pivot];
        work[pivot] = row;
        return;
      }
    }
    throw new ArithmeticException("matrix has no inverse");
  }

  private static void scale(byte[] row, byte factor, int length) {
    for (int c = 0; c < length; c++) {
      row[c] = Galois.multiply(row[c], factor);
    }
  }

  private static void addScaled(byte[] row, byte[] other, byte factor, int length) {
    for (int c = 0; c < length; c++) {
      row[c] ^= Galois.multiply(other[c], factor);
    }
  }
}
