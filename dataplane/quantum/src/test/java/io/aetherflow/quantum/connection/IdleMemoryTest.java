package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.UsedHeap;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand idle connections in one JVM, both ends of each, after each has carried a megabyte
 * each way on one stream: what an end keeps on the heap (it has nothing off it). {@code -Dpairs=N}
 * makes fewer.
 */
class IdleMemoryTest {
  private static final int PAIRS = Integer.getInteger("pairs", 10_000);
  private static final int BYTES = 1 << 20;
  private static final int PER_END_MAX_BYTES = 32 * 1024;

  private final ConnectionConfig config =
      ConnectionConfig.of(TransportTuning.DEFAULT, () -> new Bbr(1, 1200));
  private final byte[] chunk = new byte[16 * 1024];

  @Test
  void anIdleEndKeepsAtMost32Kilobytes() {
    List<Pair> pairs = new ArrayList<>();
    pairs.add(used());
    long before = UsedHeap.bytes();
    for (int i = 0; i < PAIRS; i++) {
      pairs.add(used());
    }
    long perEnd = (UsedHeap.bytes() - before) / (2 * PAIRS);
    System.out.printf("%d bytes per idle end, %d connections%n", perEnd, PAIRS);
    assertThat(perEnd).isPositive().isLessThanOrEqualTo(PER_END_MAX_BYTES);
    assertThat(pairs)
        .hasSize(PAIRS + 1)
        .allSatisfy(pair -> assertThat(pair.serverEvents.opened.isReadFinished()).isFalse());
    long buffers = config.buffers().bytesInUse() / (2 * pairs.size());
    assertThat(buffers).as("no pages, no symbols: a stream").isLessThan(1024);
  }

  private Pair used() {
    Pair pair = new Pair(config);
    pair.runFor(10 * Pair.MS);
    QuantumStream there = pair.client.openStream();
    transfer(pair, there, null);
    transfer(pair, pair.serverEvents.opened, there);
    // Timers alone move from here on: probes of the path, buffers given back.
    long endNs = pair.nowNs + 5_000 * Pair.MS;
    while (pair.nextTimeoutNs() < endNs) {
      pair.nowNs = Math.max(pair.nextTimeoutNs(), pair.nowNs);
      pair.step();
    }
    pair.nowNs = endNs;
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
      pair.nowNs += Pair.MS;
      pair.step();
      QuantumStream from = in == null ? pair.serverEvents.opened : in;
      for (int n = from == null ? 0 : from.read(chunk, 0, chunk.length);
          n > 0;
          n = from.read(chunk, 0, chunk.length)) {
        read += n;
      }
    }
  }
}
