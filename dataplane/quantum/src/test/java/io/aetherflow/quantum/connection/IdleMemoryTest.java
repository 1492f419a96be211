package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An idle connection that has carried a megabyte each way keeps little. */
class IdleMemoryTest {
  private static final int PAIRS = 200;
  private static final int BYTES = 1 << 20;
  private static final int PER_END_MAX_BYTES = 32 * 1024;

  private final byte[] chunk = new byte[16 * 1024];

  @Test
  void anIdleEndKeepsAtMost32Kilobytes() {
    List<Pair> pairs = new ArrayList<>();
    pairs.add(used());
    long before = usedHeap();
    for (int i = 0; i < PAIRS; i++) {
      pairs.add(used());
    }
    long perEnd = (usedHeap() - before) / (2 * PAIRS);
    System.out.printf("%d bytes per idle end%n", perEnd);
    assertThat(perEnd).isPositive().isLessThanOrEqualTo(PER_END_MAX_BYTES);
    assertThat(pairs).hasSize(PAIRS + 1);
  }

  private Pair used() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    QuantumStream there = pair.client.openStream();
    transfer(pair, there, null);
    transfer(pair, pair.serverEvents.opened, there);
    pair.runFor(5_000 * Pair.MS);
    return pair;
  }

  /** One megabyte; {@code in} null means the stream that the server sees opened. */
  private void transfer(Pair pair, QuantumStream out, QuantumStream in) {
    int written = 0;
    int read = 0;
    while (read < BYTES) {
      if (written < BYTES) {
        written += out.write(chunk, 0, Math.min(chunk.length, BYTES - written));
      }
      pair.runFor(Pair.MS);
      QuantumStream from = in == null ? pair.serverEvents.opened : in;
      for (int n = from == null ? 0 : from.read(chunk, 0, chunk.length);
          n > 0;
          n = from.read(chunk, 0, chunk.length)) {
        read += n;
      }
    }
  }

  private static long usedHeap() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used;
  }
}
