package io.aetherflow.quantum.fec;

import java.util.Arrays;

/** One table look-up per byte; runs everywhere. */
final class ScalarKernel implements FecKernel {
  private static final byte[][] PRODUCTS = new byte[256][256];

  static {
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        PRODUCTS[a][b] = Galois.multiply((byte) a, (byte) b);
      }
    }
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void accumulate(
      byte[] factors, int rows, byte[] src, int srcOff, byte[][] sums, int sumOff, int length) {
    for (int r = 0; r < rows; r++) {
      addScaled(PRODUCTS[factors[r] & 0xFF], src, srcOff, sums[r], sumOff, length);
    }
  }

  /** Two sources at a time: half as often the sum is read and written. */
  @Override
  public void combine(byte[] factors, byte[][] ins, int columns, byte[] out, int length) {
    Arrays.fill(out, 0, length, (byte) 0);
    int c = 0;
    for (; c + 1 < columns; c += 2) {
      byte[] products = PRODUCTS[factors[c] & 0xFF];
      byte[] others = PRODUCTS[factors[c + 1] & 0xFF];
      addScaled(products, ins[c], others, ins[c + 1], out, length);
    }
    if (c < columns) {
      addScaled(PRODUCTS[factors[c] & 0xFF], ins[c], 0, out, 0, length);
    }
  }

  private static void addScaled(
      byte[] products, byte[] src, int srcOff, byte[] sum, int sumOff, int length) {
    for (int i = 0; i < length; i++) {
      sum[sumOff + i] ^= products[src[srcOff + i] & 0xFF];
    }
  }

  private static void addScaled(
      byte[] products, byte[] src, byte[] others, byte[] other, byte[] sum, int length) {
    for (int i = 0; i < length; i++) {
      sum[i] ^= (byte) (products[src[i] & 0xFF] ^ others[other[i] & 0xFF]);
    }
  }
}
