package io.aetherflow.quantum.fec;

/**
 * The inner loop of coding. Implementations are stateless, allocate nothing and give equal results;
 * {@link FecKernels#best} chooses one.
 */
public interface FecKernel {
  /** Short name for reports. */
  String name();

  /**
   * Adds one source to several sums: {@code sums[r][sumOff + i] ^= factors[r] * src[srcOff + i]}
   * for r below {@code rows} and i below {@code length}.
   */
  void accumulate(
      byte[] factors, int rows, byte[] src, int srcOff, byte[][] sums, int sumOff, int length);

  /**
   * Computes whole sums at once: {@code outs[r][i]} becomes the sum over c of {@code factors[c][r]
   * * ins[c][i]}, for r below {@code rows}, c below {@code columns}, i below {@code length}.
   */
  default void combine(
      byte[][] factors, int rows, byte[][] ins, int columns, byte[][] outs, int length) {
    for (int r = 0; r < rows; r++) {
      java.util.Arrays.fill(outs[r], 0, length, (byte) 0);
    }
    for (int c = 0; c < columns; c++) {
      accumulate(factors[c], rows, ins[c], 0, outs, 0, length);
    }
  }

  /**
   * Computes one sum: {@code out[i]} becomes the sum over c of {@code factors[c] * ins[c][i]}, for
   * c below {@code columns}, i below {@code length}. {@code out} is none of {@code ins}.
   */
  void combine(byte[] factors, byte[][] ins, int columns, byte[] out, int length);
}
