package io.aetherflow.quantum.fec;

import com.backblaze.erasure.ReedSolomon;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Prints GB per CPU second of source bytes for (10,3) with 1,200-byte shards, each subject in turn,
 * median of five runs of 300 ms after warm-up. Decoding rebuilds three sources: always the same, as
 * peers' benchmarks do, and all 120 triples in turn. All share one JVM, so the later ones run on
 * mixed type profiles: a look at the kernels, not the benchmark that reports cite. Run main with
 * {@code --add-modules jdk.incubator.vector} and the test class path.
 */
public final class FecSpeed {
  private static final int WIDTH = 10;
  private static final int ROWS = 3;
  private static final int LENGTH = 1200;
  private static final int RUNS = 5;
  private static final long RUN_NS = 300_000_000;

  private final byte[][] shards =
      FecKernelContract.shards(new Random(1), WIDTH, WIDTH, ROWS, LENGTH);
  private final byte[][] outs = new byte[ROWS][LENGTH];
  private final CodingMatrix matrix = new CodingMatrix(WIDTH);
  private final byte[][] factors =
      IntStream.range(0, WIDTH).mapToObj(matrix::column).toArray(byte[][]::new);

  public static void main(String[] args) {
    new FecSpeed().run();
  }

  private void run() {
    ReedSolomon oracle = ReedSolomon.create(WIDTH, ROWS);
    boolean[] present = without(0, 4, 7);
    boolean[][] triples = triples();
    int[] turn = new int[1];
    double encode =
        report("javareedsolomon encode", 1, () -> oracle.encodeParity(shards, 0, LENGTH));
    double decode =
        report(
            "javareedsolomon decode",
            1,
            () -> oracle.decodeMissing(shards, present.clone(), 0, LENGTH));
    for (FecKernel kernel : new FecKernel[] {new ScalarKernel(), new VectorKernel()}) {
      String name = kernel.name();
      GroupDecoder decoder = new GroupDecoder(kernel);
      report(
          name + " encode batch",
          encode,
          () -> kernel.combine(factors, ROWS, shards, WIDTH, outs, LENGTH));
      report(name + " encode incremental", encode, () -> incremental(kernel));
      report(
          name + " decode", decode, () -> decoder.decode(matrix, shards, WIDTH, present, LENGTH));
      report(
          name + " decode triples",
          decode,
          () -> {
            turn[0] = (turn[0] + 1) % triples.length;
            decoder.decode(matrix, shards, WIDTH, triples[turn[0]], LENGTH);
          });
    }
  }

  private static boolean[] without(int... sources) {
    boolean[] present = new boolean[WIDTH + ROWS];
    java.util.Arrays.fill(present, true);
    for (int source : sources) {
      present[source] = false;
    }
    return present;
  }

  private static boolean[][] triples() {
    java.util.List<boolean[]> triples = new java.util.ArrayList<>();
    for (int a = 0; a < WIDTH; a++) {
      for (int b = a + 1; b < WIDTH; b++) {
        for (int c = b + 1; c < WIDTH; c++) {
          triples.add(without(a, b, c));
        }
      }
    }
    return triples.toArray(boolean[][]::new);
  }

  private void incremental(FecKernel kernel) {
    for (byte[] out : outs) {
      java.util.Arrays.fill(out, (byte) 0);
    }
    for (int c = 0; c < WIDTH; c++) {
      kernel.accumulate(factors[c], ROWS, shards[c], 0, outs, 0, LENGTH);
    }
  }

  private static double report(String subject, double base, Runnable work) {
    double[] rates = new double[RUNS];
    measure(work);
    measure(work);
    for (int i = 0; i < RUNS; i++) {
      rates[i] = measure(work);
    }
    java.util.Arrays.sort(rates);
    double median = rates[RUNS / 2];
    System.out.printf("%-28s %7.2f GB/s %6.1fx%n", subject, median, base == 1 ? 1 : median / base);
    return median;
  }

  /** CPU time, for others share the machine. */
  private static long cpuNs() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double measure(Runnable work) {
    long start = cpuNs();
    long rounds = 0;
    long elapsed;
    do {
      for (int i = 0; i < 500; i++) {
        work.run();
      }
      rounds += 500;
      elapsed = cpuNs() - start;
    } while (elapsed < RUN_NS);
    return (double) rounds * WIDTH * LENGTH / elapsed;
  }
}
