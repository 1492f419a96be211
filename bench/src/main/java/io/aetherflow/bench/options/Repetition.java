package io.aetherflow.bench.options;

import io.aetherflow.bench.BenchFailure;

/** How long and how often to measure, as given on the command line. */
public final class Repetition {
  private Repetition() {}

  /** Throws a {@link BenchFailure} for what measures nothing. */
  public static void check(int seeds, double seconds, double warmup) {
    if (seeds < 1 || !(seconds > 0) || !(warmup >= 0)) {
      throw new BenchFailure(
          "--seeds must be 1 or more, --seconds above 0 and --warmup not below 0.");
    }
  }
}
