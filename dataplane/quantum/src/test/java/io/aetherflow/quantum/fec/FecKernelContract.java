package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;

import com.backblaze.erasure.ReedSolomon;
import java.util.BitSet;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every kernel must do; JavaReedSolomon is the oracle. */
abstract class FecKernelContract {
  private static final int ROUNDS = 300;

  /** One for all patterns of a test, so that it solves them in room that others have used. */
  private final GroupDecoder decoder = new GroupDecoder(kernel());

  abstract FecKernel kernel();

  @Test
  void incrementalParityEqualsJavaReedSolomon() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(64);
      int sources = 1 + random.nextInt(width);
      int rows = 1 + random.nextInt(32);
      int length = 1 + random.nextInt(1500);
      byte[][] shards = shards(random, width, sources, rows, length);
      CodingMatrix matrix = new CodingMatrix(width);
      byte[][] sums = new byte[rows][length + 5];
      for (int s = 0; s < sources; s++) {
        byte[] shifted = new byte[length + 3];
        System.arraycopy(shards[s], 0, shifted, 3, length);
        kernel().accumulate(matrix.column(s), rows, shifted, 3, sums, 2, length);
      }
      for (int r = 0; r < rows; r++) {
        byte[] framed = new byte[length + 5];
        System.arraycopy(shards[width + r], 0, framed, 2, length);
        assertThat(sums[r]).as("seed %d row %d", seed, r).isEqualTo(framed);
      }
    }
  }

  @Test
  void batchParityEqualsJavaReedSolomonAtEveryLength() {
    CodingMatrix matrix = new CodingMatrix(10);
    byte[][] factors = IntStream.range(0, 10).mapToObj(matrix::column).toArray(byte[][]::new);
    for (int length = 1; length < 400; length++) {
      int rows = length % 5 == 0 ? 1 + length % 32 : 3;
      byte[][] shards = shards(new Random(length), 10, 10, rows, length);
      byte[][] outs = new byte[rows][length + 1];
      new Random(length).nextBytes(outs[0]);
      outs[0][length] = 0;
      kernel().combine(factors, rows, shards, 10, outs, length);
      for (int r = 0; r < rows; r++) {
        byte[] framed = java.util.Arrays.copyOf(shards[10 + r], length + 1);
        assertThat(outs[r]).as("length %d row %d", length, r).isEqualTo(framed);
      }
      byte[] out = outs[0].clone();
      new Random(length).nextBytes(out);
      out[length] = 0;
      kernel().combine(row(matrix, 0), shards, 10, out, length);
      assertThat(out).as("length %d, one row", length).isEqualTo(outs[0]);
    }
  }

  private static byte[] row(CodingMatrix matrix, int repair) {
    byte[] row = new byte[matrix.sources()];
    for (int source = 0; source < row.length; source++) {
      row[source] = matrix.factor(repair, source);
    }
    return row;
  }

  @Test
  void everyErasurePatternOfTenAndThreeDecodes() {
    byte[][] shards = shards(new Random(1), 10, 10, 3, 100);
    for (int lost = 0; lost < 1 << 13; lost++) {
      if (Integer.bitCount(lost) <= 3) {
        decodes(10, 10, shards, BitSet.valueOf(new long[] {lost}), 100);
      }
    }
  }

  @Test
  void randomErasuresOfAnyGroupDecode() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(64);
      int sources = 1 + random.nextInt(width);
      int rows = 1 + random.nextInt(32);
      int length = 1 + random.nextInt(300);
      byte[][] whole = shards(random, width, sources, rows, length);
      byte[][] group = new byte[sources + rows][];
      System.arraycopy(whole, 0, group, 0, sources);
      System.arraycopy(whole, width, group, sources, rows);
      BitSet lost = new BitSet();
      for (int n = random.nextInt(rows + 1); n > 0; n--) {
        lost.set(random.nextInt(group.length));
      }
      decodes(width, sources, group, lost, length);
    }
  }

  /** The largest group, with as many losses as it has parity. */
  @Test
  void sixtyFourSourcesAndThirtyTwoRepairsDecode() {
    byte[][] shards = shards(new Random(1), 64, 64, 32, 50);
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      BitSet lost = new BitSet();
      while (lost.cardinality() < 32) {
        lost.set(random.nextInt(96));
      }
      decodes(64, 64, shards, lost, 50);
    }
  }

  @Test
  void tooManyLossesAreRefusedAndNothingIsWritten() {
    byte[][] shards = shards(new Random(1), 4, 4, 2, 20);
    byte[][] work = java.util.Arrays.stream(shards).map(byte[]::clone).toArray(byte[][]::new);
    boolean[] present = {false, false, false, true, true, true};
    boolean decoded = new GroupDecoder(kernel()).decode(new CodingMatrix(4), work, 4, present, 20);
    assertThat(decoded).isFalse();
    assertThat(work).isDeepEqualTo(shards);
  }

  private void decodes(int width, int sources, byte[][] shards, BitSet lost, int length) {
    boolean[] present = new boolean[shards.length];
    byte[][] work = new byte[shards.length][];
    for (int i = 0; i < shards.length; i++) {
      present[i] = !lost.get(i);
      work[i] = present[i] ? shards[i].clone() : new byte[length];
    }
    assertThat(decoder.decode(new CodingMatrix(width), work, sources, present, length)).isTrue();
    for (int s = 0; s < sources; s++) {
      assertThat(work[s]).as("lost %s source %d", lost, s).isEqualTo(shards[s]);
    }
  }

  /** {@code width} sources, zero from {@code sources} on, and the oracle's parity. */
  static byte[][] shards(Random random, int width, int sources, int rows, int length) {
    byte[][] shards = new byte[width + rows][length];
    for (int s = 0; s < sources; s++) {
      random.nextBytes(shards[s]);
    }
    ReedSolomon.create(width, rows).encodeParity(shards, 0, length);
    return shards;
  }
}
