package io.aetherflow.bench.fec;

import java.util.Random;

/** What every subject codes: (10,3), 1,200 random bytes a shard. */
final class Shards {
  static final int SOURCES = 10;
  static final int REPAIRS = 3;
  static final int BYTES = 1200;

  /** Sources that decoding rebuilds from the three parity shards. */
  static final int[] LOST = {0, 4, 7};

  private Shards() {}

  /** Sources filled from the seed, then room for parity. */
  static byte[][] of(long seed) {
    Random random = new Random(seed);
    byte[][] shards = new byte[SOURCES + REPAIRS][BYTES];
    for (int i = 0; i < SOURCES; i++) {
      random.nextBytes(shards[i]);
    }
    return shards;
  }

  static boolean[] present() {
    boolean[] present = new boolean[SOURCES + REPAIRS];
    java.util.Arrays.fill(present, true);
    for (int lost : LOST) {
      present[lost] = false;
    }
    return present;
  }
}
