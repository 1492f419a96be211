package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.stream.QuantumStream;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** A whole connection in steady state allocates nothing per packet, both ends together. */
class ConnectionAllocationTest {
  private static final int PACKETS = 20_000;

  /** Rounds until the JIT has compiled everything. */
  private static final int ROUNDS_MAX = 100;

  private final byte[] data = new byte[1100];
  private final byte[] sink = new byte[4096];

  @Test
  void bulkWithoutParity() {
    check(TransportTuning.DEFAULT.withFec(FecMode.OFF, 10, 30));
  }

  /** With the scalar kernel: the vector kernel's objects vanish only as far as the JIT inlines. */
  @Test
  void bulkWithFixedParity() {
    check(TransportTuning.DEFAULT.withFec(FecMode.FIXED, 10, 30));
  }

  private void check(TransportTuning tuning) {
    Pair pair = Pair.established(tuning);
    pair.client.fecSender.setKernel(FecKernels.scalar());
    QuantumStream out = pair.client.openStream();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS_MAX && allocated >= PACKETS; round++) {
      allocated = allocatedBy(() -> run(pair, out, PACKETS));
    }
    System.out.printf("%d bytes allocated for %d packets%n", allocated, PACKETS);
    assertThat(allocated).as("bytes for %d packets", PACKETS).isLessThan(PACKETS);
  }

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private void run(Pair pair, QuantumStream out, int packets) {
    long end = pair.packets + packets;
    while (pair.packets < end) {
      out.write(data, 0, data.length);
      pair.nowNs += 50_000;
      pair.step();
      QuantumStream in = pair.serverEvents.opened;
      while (in != null && in.read(sink, 0, sink.length) > 0) {}
    }
  }
}
