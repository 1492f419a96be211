package io.aetherflow.bench.fec;

import com.backblaze.erasure.InputOutputByteTableCodingLoop;
import com.backblaze.erasure.ReedSolomon;
import java.util.Arrays;

/** Backblaze's JavaReedSolomon with the fastest of its loops, which is its default. */
final class JavaReedSolomonCoder implements Coder {
  static final String LOOP = InputOutputByteTableCodingLoop.class.getSimpleName();

  private final ReedSolomon coder = ReedSolomon.create(Shards.SOURCES, Shards.REPAIRS);
  private final byte[][] shards = Shards.of(1);
  private final boolean[] present = Shards.present();
  private final boolean[] now = new boolean[Shards.SOURCES + Shards.REPAIRS];

  @Override
  public void encode() {
    coder.encodeParity(shards, 0, Shards.BYTES);
  }

  @Override
  public void decode() {
    // It marks what it rebuilt as present.
    System.arraycopy(present, 0, now, 0, now.length);
    coder.decodeMissing(shards, now, 0, Shards.BYTES);
  }

  @Override
  public void lose() {
    for (int lost : Shards.LOST) {
      Arrays.fill(shards[lost], (byte) 0);
    }
  }

  @Override
  public byte[][] parity() {
    return Arrays.copyOfRange(shards, Shards.SOURCES, Shards.SOURCES + Shards.REPAIRS);
  }

  @Override
  public byte[][] sources() {
    return Arrays.copyOf(shards, Shards.SOURCES);
  }
}
