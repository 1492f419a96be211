package io.aetherflow.quantum.fec;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The scalar kernel at first, and the vector kernel once there is so much to sum that it pays and
 * HotSpot has compiled it. Cold, vectors are objects: of the first thousand sums of a JVM one took
 * 100 ms and all together 500, where the scalar kernel needs 10 (JDK 25, three sums of 1,200
 * bytes), and an event loop would wait for them. So another thread runs the vector kernel until it
 * is fast. Thread-safe; one serves all connections of a process.
 */
public final class GradualKernel implements FecKernel {
  /** Half a second of the scalar kernel's time, about what HotSpot then spends on the other. */
  static final long BUSY_BYTES = 1L << 30;

  /** Compiled, vectors are more than ten times as fast. */
  private static final int FASTER = 4;

  /** A JVM that has not compiled the vector kernel by then keeps the first one. */
  private static final int ROUNDS_MAX = 20_000;

  private static final int SOURCES = 10;
  private static final int SUMS = 3;

  /** Not a multiple of a vector's width, so that the rest is compiled too. */
  private static final int BYTES = 1_210;

  private final FecKernel first;
  private final FecKernel then;
  private final Consumer<Runnable> background;
  private final LongSupplier nowNs;
  private final LongAdder summedBytes = new LongAdder();
  private final AtomicBoolean warming = new AtomicBoolean();
  private final long busyBytes;
  private volatile FecKernel now;

  GradualKernel(
      FecKernel first,
      FecKernel then,
      long busyBytes,
      Consumer<Runnable> background,
      LongSupplier nowNs) {
    this.first = first;
    this.then = then;
    this.busyBytes = busyBytes;
    this.background = background;
    this.nowNs = nowNs;
    now = first;
  }

  @Override
  public String name() {
    return now.name();
  }

  @Override
  public void accumulate(
      byte[] factors, int rows, byte[] src, int srcOff, byte[][] sums, int sumOff, int length) {
    kernel((long) rows * length).accumulate(factors, rows, src, srcOff, sums, sumOff, length);
  }

  @Override
  public void combine(
      byte[][] factors, int rows, byte[][] ins, int columns, byte[][] outs, int length) {
    kernel((long) rows * columns * length).combine(factors, rows, ins, columns, outs, length);
  }

  @Override
  public void combine(byte[] factors, byte[][] ins, int columns, byte[] out, int length) {
    kernel((long) columns * length).combine(factors, ins, columns, out, length);
  }

  private FecKernel kernel(long bytes) {
    FecKernel kernel = now;
    if (kernel == first && !warming.get()) {
      summedBytes.add(bytes);
      if (summedBytes.sum() >= busyBytes && warming.compareAndSet(false, true)) {
        background.accept(this::warmUp);
      }
    }
    return kernel;
  }

  private void warmUp() {
    Probe probe = new Probe();
    long firstNs = Long.MAX_VALUE;
    long thenNs = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS_MAX && thenNs > firstNs / FASTER; round++) {
      firstNs = Math.min(firstNs, probe.runNs(first));
      thenNs = Math.min(thenNs, probe.runNs(then));
    }
    if (thenNs <= firstNs / FASTER) {
      now = then;
    }
  }

  /** All that coding does, once. */
  private final class Probe {
    private final byte[][] factors = new byte[SOURCES][SUMS];
    private final byte[] decoding = new byte[SOURCES];
    private final byte[][] ins = new byte[SOURCES][BYTES];
    private final byte[][] outs = new byte[SUMS][BYTES];

    Probe() {
      for (int i = 0; i < SOURCES; i++) {
        decoding[i] = (byte) (i + 2);
        for (int j = 0; j < SUMS; j++) {
          factors[i][j] = (byte) (i * SUMS + j + 2);
        }
      }
    }

    long runNs(FecKernel kernel) {
      long startNs = nowNs.getAsLong();
      for (int i = 0; i < SOURCES; i++) {
        kernel.accumulate(factors[i], SUMS, ins[i], 0, outs, 0, BYTES);
        kernel.accumulate(factors[i], 1, ins[i], 0, outs, 0, BYTES);
      }
      kernel.combine(decoding, ins, SOURCES, outs[0], BYTES);
      return nowNs.getAsLong() - startNs;
    }
  }
}
