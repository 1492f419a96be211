package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.stream.QuantumStream;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * A whole connection in steady state allocates nothing per packet, both ends together. Sums are the
 * scalar kernel's: the vector kernel's objects vanish only as far as the JIT inlines, which {@code
 * bench jmh} shows.
 */
class ConnectionAllocationTest {
  private static final TransportTuning NO_PARITY =
      TransportTuning.DEFAULT.withFec(FecMode.OFF, 10, 30);
  private static final TransportTuning PARITY =
      TransportTuning.DEFAULT.withFec(FecMode.FIXED, 10, 30);
  private static final double LOSS_SHARE = 0.02;
  private static final int PACKETS = 20_000;
  private static final int CALL_BYTES = 1000;

  /** Rounds until the JIT has compiled everything. */
  private static final int ROUNDS_MAX = 200;

  private final byte[] data = new byte[1100];
  private final byte[] sink = new byte[4096];

  @Test
  void bulkWithoutParity() {
    checkBulk(NO_PARITY, 0);
  }

  @Test
  void bulkWithParity() {
    checkBulk(PARITY, 0);
  }

  @Test
  void bulkThatIsSentAgain() {
    Pair pair = checkBulk(NO_PARITY, LOSS_SHARE);
    assertThat(pair.client.streams.retransmittedFrames()).isPositive();
  }

  @Test
  void bulkThatIsRebuilt() {
    Pair pair = checkBulk(PARITY, LOSS_SHARE);
    assertThat(pair.rebuilt).isPositive();
  }

  @Test
  void callsThatAreRebuilt() {
    Pair pair = established(PARITY, LOSS_SHARE);
    QuantumStream calls = pair.client.openStream();
    check(() -> call(pair, calls));
    assertThat(pair.rebuilt).isPositive();
  }

  private Pair checkBulk(TransportTuning tuning, double lossShare) {
    Pair pair = established(tuning, lossShare);
    QuantumStream out = pair.client.openStream();
    check(() -> send(pair, out));
    return pair;
  }

  private static Pair established(TransportTuning tuning, double lossShare) {
    Pair pair =
        Pair.established(
            ConnectionConfig.of(tuning, () -> new Bbr(1, 1200)).withKernel(FecKernels.scalar()));
    pair.lossShare = lossShare;
    return pair;
  }

  private static void check(Runnable round) {
    long allocated = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS_MAX && allocated >= PACKETS; i++) {
      allocated = allocatedBy(round);
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

  private void send(Pair pair, QuantumStream out) {
    long end = pair.packets + PACKETS;
    while (pair.packets < end) {
      out.write(data, 0, data.length);
      pair.nowNs += Pair.MS / 20;
      pair.step();
      drain(pair.serverEvents.opened);
    }
  }

  /** A call each 5 ms, which the server answers as soon as it has all of it. */
  private void call(Pair pair, QuantumStream calls) {
    long end = pair.packets + PACKETS;
    int unanswered = 0;
    while (pair.packets < end) {
      calls.write(data, 0, CALL_BYTES);
      for (int i = 0; i < 5; i++) {
        pair.nowNs += Pair.MS;
        pair.step();
        QuantumStream answers = pair.serverEvents.opened;
        unanswered += drain(answers);
        for (; unanswered >= CALL_BYTES; unanswered -= CALL_BYTES) {
          answers.write(data, 0, CALL_BYTES);
        }
        drain(calls);
      }
    }
  }

  private int drain(QuantumStream stream) {
    int bytes = 0;
    int count = stream == null ? 0 : stream.read(sink, 0, sink.length);
    while (count > 0) {
      bytes += count;
      count = stream.read(sink, 0, sink.length);
    }
    return bytes;
  }
}
