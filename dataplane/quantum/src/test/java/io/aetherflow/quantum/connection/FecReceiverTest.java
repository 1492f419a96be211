package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.fec.GroupEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FecReceiverTest {
  private final BufferBudget budget = new BufferBudget(1 << 20);
  private final FecReceiver receiver =
      new FecReceiver(new SharedBuffers(budget, FecKernels.best()));
  private int firstGroup;
  private final List<String> rebuilt = new ArrayList<>();

  private void drain() {
    receiver.drain(
        (number, buf, off, length) -> rebuilt.add(number + ":" + new String(buf, off, length)));
  }

  private static byte[] parityOf(int number, String frames, int index) {
    GroupEncoder encoder = new GroupEncoder(FecKernels.scalar(), index + 1, 1400);
    encoder.open(new CodingMatrix(4), index + 1);
    encoder.add(number, frames.getBytes(), 0, frames.length());
    return Arrays.copyOf(encoder.parity(index), encoder.symbolBytes());
  }

  @Test
  void oneRepairRebuildsALonePacketOnce() {
    byte[] parity = parityOf(7, "frames", 0);
    receiver.onRepair(1, 4, 1, 0, parity, 0, parity.length);
    drain();
    receiver.onRepair(1, 4, 1, 0, parity, 0, parity.length);
    drain();
    assertThat(rebuilt).containsExactly("7:frames");
  }

  @Test
  void aGroupThatLosesItsPlaceIsNotRebuilt() {
    byte[] parity = parityOf(7, "frames", 0);
    receiver.onRepair(1, 4, 1, 0, parity, 0, parity.length);
    receiver.onSource(1 + FecReceiver.GROUPS_MAX, 0, 9, new byte[10], 0, 10);
    drain();
    assertThat(rebuilt).isEmpty();
  }

  @Test
  void manyOpenGroupsStayWithinTheBound() {
    assertThat(openManyGroups()).isEqualTo(FecReceiver.SYMBOLS_UNPROVED_MAX);
    receiver.onProved();
    assertThat(openManyGroups()).isEqualTo(FecReceiver.SYMBOLS_MAX);
    assertThat(budget.bytesInUse()).isBetween(1400L * FecReceiver.SYMBOLS_MAX, 500_000L);
    receiver.trim();
    assertThat(budget.bytesInUse()).isZero();
  }

  @Test
  void aFullBudgetKeepsNoSymbols() {
    assertThat(budget.tryReserve(1 << 20)).isTrue();
    receiver.onProved();
    assertThat(openManyGroups()).isZero();
    assertThat(budget.bytesInUse()).isEqualTo(1 << 20);
  }

  /** Returns how many symbols were kept at most. */
  private int openManyGroups() {
    int most = 0;
    byte[] frames = new byte[100];
    for (int id = firstGroup; id < firstGroup + 1000; id++) {
      for (int index = 0; index < CodingMatrix.SOURCES_MAX; index++) {
        receiver.onSource(id, index, id * 64L + index, frames, 0, frames.length);
        most = Math.max(most, receiver.symbols());
      }
    }
    firstGroup += 1000;
    return most;
  }
}
