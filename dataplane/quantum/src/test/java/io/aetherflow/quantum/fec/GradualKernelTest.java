package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class GradualKernelTest extends FecKernelContract {
  private static final int ROWS = 3;
  private static final int BYTES = 1_000;

  /** Changes to vectors in the middle of the contract's rounds. */
  private static final FecKernel REAL =
      new GradualKernel(
          new ScalarKernel(), new VectorKernel(), 1 << 20, Runnable::run, System::nanoTime);

  private final Queue<Runnable> background = new ArrayDeque<>();
  private final byte[][] sums = new byte[ROWS][BYTES];
  private long nowNs;

  @Override
  FecKernel kernel() {
    return REAL;
  }

  private GradualKernel gradual(long firstNs, long thenNs) {
    return new GradualKernel(
        new Timed("first", firstNs),
        new Timed("then", thenNs),
        10 * ROWS * BYTES,
        background::add,
        () -> nowNs);
  }

  private void sum(FecKernel kernel, int times) {
    for (int i = 0; i < times; i++) {
      kernel.accumulate(new byte[] {1, 2, 3}, ROWS, new byte[BYTES], 0, sums, 0, BYTES);
    }
  }

  @Test
  void theRealVectorKernelTakesOver() {
    for (int i = 0; i < 1_000; i++) {
      sum(REAL, 1);
    }
    assertThat(REAL.name()).startsWith("vector");
  }

  @Test
  void littleWorkStaysWithTheFirstKernel() {
    GradualKernel kernel = gradual(1_000, 1);
    sum(kernel, 9);
    assertThat(background).isEmpty();
    assertThat(kernel.name()).isEqualTo("first");
  }

  @Test
  void muchWorkGoesToTheSecondOnceItIsWarm() {
    GradualKernel kernel = gradual(1_000, 1);
    sum(kernel, 30);
    assertThat(background).hasSize(1);
    assertThat(kernel.name()).isEqualTo("first");
    background.remove().run();
    assertThat(kernel.name()).isEqualTo("then");
    sum(kernel, 30);
    assertThat(background).isEmpty();
  }

  @Test
  void aSecondThatDoesNotGetFasterIsLeftAlone() {
    GradualKernel kernel = gradual(1_000, 900);
    sum(kernel, 30);
    background.remove().run();
    assertThat(kernel.name()).isEqualTo("first");
    sum(kernel, 30);
    assertThat(background).isEmpty();
  }

  /** Takes the same time for every sum. */
  private final class Timed implements FecKernel {
    private final String name;
    private final long takesNs;

    Timed(String name, long takesNs) {
      this.name = name;
      this.takesNs = takesNs;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void accumulate(
        byte[] factors, int rows, byte[] src, int srcOff, byte[][] sums, int sumOff, int length) {
      nowNs += takesNs;
    }

    @Override
    public void combine(byte[] factors, byte[][] ins, int columns, byte[] out, int length) {
      nowNs += takesNs;
    }
  }
}
