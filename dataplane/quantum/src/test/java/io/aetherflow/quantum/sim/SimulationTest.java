package io.aetherflow.quantum.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Whole endpoints over a bad network in virtual time. {@code -Dseed=N} replays one seed, {@code
 * -Dseeds=N} runs more of them.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("seeds", 1000);

  @Test
  void everythingIsDeliveredOnceInOrderAndTheLedgersAgree() {
    Long only = Long.getLong("seed");
    long[] seeds = only != null ? new long[] {only} : LongStream.range(0, SEEDS).toArray();
    // Each has a world of its own, so all processors take part; the first failure is told here, for
    // a stream would tell any, and hide its message.
    List<Run> runs = LongStream.of(seeds).parallel().mapToObj(SimulationTest::tried).toList();
    runs.forEach(run -> run.failure().ifPresent(failure -> fail(failure.getMessage(), failure)));
    long packets = runs.stream().mapToLong(Run::packets).sum();
    System.out.printf("%d seeds, %d packets%n", seeds.length, packets);
    if (only == null && SEEDS >= 1000) {
      assertThat(packets).isGreaterThan(5_000_000);
    }
  }

  private record Run(long packets, Optional<AssertionError> failure) {}

  private static Run tried(long seed) {
    try {
      return new Run(run(seed), Optional.empty());
    } catch (AssertionError e) {
      return new Run(0, Optional.of(e));
    }
  }

  private static long run(long seed) {
    Simulation simulation = new Simulation(seed);
    try {
      simulation.run();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
    return simulation.packets();
  }

  /** Runs from the command line: first seed, number of seeds. */
  static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    long packets = 0;
    long start = System.nanoTime();
    int failures = 0;
    for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
      try {
        packets += run(seed);
      } catch (AssertionError e) {
        failures++;
        if (failures <= 5) {
          System.out.println(e.getMessage());
          StackTraceElement[] trace = e.getCause().getStackTrace();
          for (int i = 0; i < Math.min(8, trace.length); i++) {
            System.out.println("    " + trace[i]);
          }
        }
      }
    }
    System.out.printf(
        "%d failures, %d packets, %d ms%n",
        failures, packets, (System.nanoTime() - start) / 1_000_000);
  }
}
