package io.aetherflow.bench.fec;

import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.GroupEncoder;

/**
 * As the transport encodes: packet by packet, with the number and the length of each in front.
 * Decoding is the same as in a batch.
 */
final class IncrementalCoder implements Coder {
  private final CodingMatrix matrix = new CodingMatrix(Shards.SOURCES);
  private final GroupEncoder encoder;
  private final byte[][] shards = Shards.of(1);
  private final QuantumCoder batch;

  IncrementalCoder(FecKernel kernel) {
    encoder = new GroupEncoder(kernel, Shards.REPAIRS, Shards.BYTES);
    batch = new QuantumCoder(kernel);
    batch.encode();
  }

  @Override
  public void encode() {
    encoder.open(matrix, Shards.REPAIRS);
    for (int i = 0; i < Shards.SOURCES; i++) {
      encoder.add(i, shards[i], 0, Shards.BYTES);
    }
  }

  @Override
  public void decode() {
    batch.decode();
  }

  @Override
  public void lose() {
    batch.lose();
  }

  @Override
  public byte[][] parity() {
    byte[][] parity = new byte[Shards.REPAIRS][];
    for (int r = 0; r < Shards.REPAIRS; r++) {
      parity[r] =
          java.util.Arrays.copyOfRange(
              encoder.parity(r), GroupEncoder.SYMBOL_HEADER_BYTES, encoder.symbolBytes());
    }
    return parity;
  }

  @Override
  public byte[][] sources() {
    return batch.sources();
  }
}
