package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that share a budget far smaller than their windows. */
class BufferBudgetTest {
  private static final long SECOND = 1_000 * Pair.MS;
  private static final int LIMIT_BYTES = 4 << 20;
  private static final int SLOW = 10;

  /** What all of them may have beyond the limit: two directions, both ends, 64 KiB and overhead. */
  private static final long FLOORS_BYTES = 4L * (SLOW + 1) * 80 * 1024;

  private final BufferBudget budget = new BufferBudget(LIMIT_BYTES);
  private final ConnectionConfig config =
      ConnectionConfig.of(TransportTuning.DEFAULT, () -> new Bbr(1, 1200)).withBuffers(budget);
  private final List<Pair> slow = new ArrayList<>();
  private final byte[] chunk = new byte[16 * 1024];
  private long most;

  private Pair established() {
    Pair pair = new Pair(config);
    pair.runFor(10 * Pair.MS);
    assertThat(pair.server.state()).isEqualTo(ConnectionState.ESTABLISHED);
    return pair;
  }

  /** Fills the budget with what nobody reads; returns what each stream took. */
  private long[] exhaust() {
    long[] written = new long[SLOW];
    List<QuantumStream> streams = new ArrayList<>();
    for (int i = 0; i < SLOW; i++) {
      slow.add(established());
      streams.add(slow.get(i).client.openStream());
    }
    for (int round = 0; round < 500; round++) {
      for (int i = 0; i < SLOW; i++) {
        written[i] += write(streams.get(i), written[i], chunk.length);
        slow.get(i).nowNs += Pair.MS;
        slow.get(i).step();
      }
      most = Math.max(most, budget.bytesInUse());
    }
    assertThat(budget.isFull()).isTrue();
    return written;
  }

  private int write(QuantumStream stream, long offset, int length) {
    for (int i = 0; i < length; i++) {
      chunk[i] = (byte) ((offset + i) * 31 >>> 3);
    }
    return stream.write(chunk, 0, length);
  }

  private long readAndCheck(QuantumStream stream, long offset) {
    long at = offset;
    for (int n = stream.read(chunk, 0, chunk.length);
        n > 0;
        n = stream.read(chunk, 0, chunk.length)) {
      for (int i = 0; i < n; i++) {
        assertThat(chunk[i]).isEqualTo((byte) ((at + i) * 31 >>> 3));
      }
      at += n;
    }
    return at;
  }

  @Test
  void slowReadersExhaustItWhileAnotherConnectionMovesAndNothingIsLostInTheEnd() {
    long[] written = exhaust();

    Pair lively = established();
    QuantumStream out = lively.client.openStream();
    long sent = 0;
    long read = 0;
    while (read < 2 << 20 && lively.nowNs < 20 * SECOND) {
      sent += write(out, sent, chunk.length);
      lively.nowNs += Pair.MS;
      lively.step();
      most = Math.max(most, budget.bytesInUse());
      QuantumStream in = lively.serverEvents.opened;
      read = in == null ? read : readAndCheck(in, read);
    }
    assertThat(read).as("bytes while nothing is free").isGreaterThanOrEqualTo(2 << 20);
    assertThat(most).isLessThanOrEqualTo(LIMIT_BYTES + FLOORS_BYTES);

    for (int i = 0; i < SLOW; i++) {
      Pair pair = slow.get(i);
      long have = 0;
      for (int round = 0; round < 20_000 && have < written[i]; round++) {
        have = readAndCheck(pair.serverEvents.opened, have);
        pair.nowNs += Pair.MS;
        pair.step();
      }
      assertThat(have).as("what the slow stream %d was given", i).isEqualTo(written[i]);
    }
  }

  @Test
  void whoHoldsMuchAndMovesNothingIsClosedInTheEnd() {
    exhaust();
    Pair stuck = slow.getFirst();
    stuck.runFor(29 * SECOND);
    assertThat(stuck.server.state()).isEqualTo(ConnectionState.ESTABLISHED);
    stuck.runFor(5 * SECOND);
    assertThat(stuck.serverEvents.closed.errorCode()).isEqualTo(TransportError.INTERNAL.code());
    assertThat(stuck.serverEvents.closed.text()).isEqualTo("buffers are short");
  }

  @Test
  void allIsGivenBackWhenConnectionsAreForgotten() {
    exhaust();
    for (Pair pair : slow) {
      pair.client.release();
      pair.server.release();
      pair.buffers.clear();
    }
    assertThat(budget.bytesInUse()).isZero();
  }
}
