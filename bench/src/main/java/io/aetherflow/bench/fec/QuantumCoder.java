package io.aetherflow.bench.fec;

import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.GroupDecoder;
import java.util.Arrays;

/** Our kernels, all sources of a group at once. */
final class QuantumCoder implements Coder {
  private final FecKernel kernel;
  private final CodingMatrix matrix = new CodingMatrix(Shards.SOURCES);
  private final byte[][] factors = new byte[Shards.SOURCES][Shards.REPAIRS];
  private final byte[][] shards = Shards.of(1);
  private final byte[][] parity =
      Arrays.copyOfRange(shards, Shards.SOURCES, Shards.SOURCES + Shards.REPAIRS);
  private final GroupDecoder decoder;
  private final boolean[] present = Shards.present();

  QuantumCoder(FecKernel kernel) {
    this.kernel = kernel;
    decoder = new GroupDecoder(kernel);
    for (int c = 0; c < Shards.SOURCES; c++) {
      for (int r = 0; r < Shards.REPAIRS; r++) {
        factors[c][r] = matrix.factor(r, c);
      }
    }
  }

  @Override
  public void encode() {
    kernel.combine(factors, Shards.REPAIRS, shards, Shards.SOURCES, parity, Shards.BYTES);
  }

  @Override
  public void decode() {
    if (!decoder.decode(matrix, shards, Shards.SOURCES, present, Shards.BYTES)) {
      throw new IllegalStateException("three parity shards rebuild three sources");
    }
  }

  @Override
  public void lose() {
    for (int lost : Shards.LOST) {
      Arrays.fill(shards[lost], (byte) 0);
    }
  }

  @Override
  public byte[][] parity() {
    return parity;
  }

  @Override
  public byte[][] sources() {
    return Arrays.copyOf(shards, Shards.SOURCES);
  }
}
