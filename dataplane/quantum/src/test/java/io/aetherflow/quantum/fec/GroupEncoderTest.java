package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.backblaze.erasure.ReedSolomon;
import io.aetherflow.quantum.buffer.BigEndian;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GroupEncoderTest {
  private static final int FRAMES_MAX = 1400;

  @Test
  void parityOfUnequalPacketsEqualsTheOracleAcrossReusedGroups() {
    GroupEncoder encoder = new GroupEncoder(FecKernels.best(), 4, FRAMES_MAX);
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(12);
      int sources = 1 + random.nextInt(width);
      int rows = 1 + random.nextInt(4);
      byte[][] shards = new byte[width + rows][GroupEncoder.SYMBOL_HEADER_BYTES + FRAMES_MAX];
      encoder.open(new CodingMatrix(width), rows);
      int longest = 0;
      for (int s = 0; s < sources; s++) {
        byte[] frames = new byte[random.nextInt(FRAMES_MAX + 1)];
        random.nextBytes(frames);
        long number = random.nextLong();
        assertThat(encoder.add(number, frames, 0, frames.length)).isEqualTo(s);
        BigEndian.put32(shards[s], 0, (int) number);
        BigEndian.put16(shards[s], 4, frames.length);
        System.arraycopy(frames, 0, shards[s], 6, frames.length);
        longest = Math.max(longest, 6 + frames.length);
      }
      assertThat(encoder.symbolBytes()).isEqualTo(longest);
      ReedSolomon.create(width, rows).encodeParity(shards, 0, shards[0].length);
      for (int r = 0; r < rows; r++) {
        assertThat(Arrays.copyOf(encoder.parity(r), longest))
            .as("seed %d", seed)
            .isEqualTo(Arrays.copyOf(shards[width + r], longest));
      }
    }
  }

  @Test
  void aFullGroupTakesNoMoreAndBoundsAreChecked() {
    GroupEncoder encoder = new GroupEncoder(FecKernels.scalar(), 2, 10);
    assertThat(encoder.isFull()).isTrue();
    encoder.open(new CodingMatrix(1), 2);
    encoder.add(1, new byte[10], 0, 10);
    assertThat(encoder.isFull()).isTrue();
    assertThatThrownBy(() -> encoder.add(2, new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> encoder.open(new CodingMatrix(1), 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CodingMatrix(65)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CodingMatrix(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theTestJvmHasTheVectorKernel() {
    assertThat(FecKernels.best()).isInstanceOf(VectorKernel.class);
  }
}
