package io.aetherflow.quantum.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.buffer.Page;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.stream.ReceiveBuffer.Verdict;
import java.io.ByteArrayOutputStream;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReceiveBufferTest {
  private final BufferBudget budget = new BufferBudget(1 << 26);
  private final PagePool pool = new PagePool(budget);
  private final Share share = new Share(pool);

  /** Pieces in random order, overlapping and repeated; the ledger is a set of delivered offsets. */
  @Property(tries = 200)
  void anyOrderOfPiecesIsReadOnceInOrder(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] message = new byte[1 + random.nextInt(20_000)];
    random.nextBytes(message);
    int window = 1 + random.nextInt(5000);
    ReceiveBuffer buffer = new ReceiveBuffer(window, share);
    BitSet delivered = new BitSet();
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int steps = 0;
    while (!buffer.isFinished()) {
      assertThat(steps++).isLessThan(200_000);
      int room = (int) Math.min(message.length, buffer.limit());
      int offset = random.nextBoolean() ? delivered.nextClearBit(0) : random.nextInt(room);
      int end = Math.min(room, offset + random.nextInt(1500));
      if (offset <= end) {
        boolean fin = end == message.length;
        assertThat(buffer.onData(offset, fin, message, offset, end - offset))
            .isEqualTo(Verdict.ACCEPTED);
        delivered.set(offset, end);
      }
      assertThat(buffer.readableBytes()).isEqualTo(delivered.nextClearBit(0) - read.size());
      byte[] out = new byte[random.nextInt(3000)];
      read.write(out, 0, buffer.read(out, 0, out.length));
      if (buffer.wantsGrant()) {
        assertThat(buffer.grant()).isEqualTo(read.size() + window);
      }
    }
    assertThat(read.toByteArray()).isEqualTo(message);
    assertThat(share.isEmpty()).as("all pages are given back").isTrue();
  }

  @Test
  void aByteFarAheadTakesOnePageAndReadingGivesAllBack() {
    ReceiveBuffer buffer = new ReceiveBuffer(4 << 20, share);
    byte[] data = new byte[Page.BYTES];
    assertThat(buffer.onData((4 << 20) - 1, false, data, 0, 1)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.newPages((4 << 20) - 5, 4)).isZero();
    assertThat(buffer.newPages(0, 1)).isEqualTo(1);
    assertThat(budget.bytesInUse()).isBetween((long) Page.BYTES, 2L * Page.BYTES);
    for (int offset = 0; offset < 4 << 20; offset += data.length) {
      buffer.onData(offset, false, data, 0, data.length);
      while (buffer.read(data, 0, data.length) > 0) {}
    }
    assertThat(buffer.readOffset()).isEqualTo(4 << 20);
    assertThat(share.isEmpty()).isTrue();
    pool.clear();
    assertThat(budget.bytesInUse()).isZero();
  }

  @Test
  void theLimitIsKeptToTheByte() {
    ReceiveBuffer buffer = new ReceiveBuffer(10, share);
    assertThat(buffer.onData(0, false, new byte[11], 0, 11)).isEqualTo(Verdict.FLOW_CONTROL);
    assertThat(buffer.readableBytes()).isZero();
    assertThat(buffer.onData(0, false, new byte[10], 0, 10)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.onData(10, false, new byte[1], 0, 1)).isEqualTo(Verdict.FLOW_CONTROL);
    assertThat(buffer.read(new byte[6], 0, 6)).isEqualTo(6);
    assertThat(buffer.wantsGrant()).isTrue();
    assertThat(buffer.grant()).isEqualTo(16);
    assertThat(buffer.onData(10, false, new byte[6], 0, 6)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.highest()).isEqualTo(16);
  }

  @Test
  void theEndCannotMove() {
    ReceiveBuffer buffer = new ReceiveBuffer(100, share);
    byte[] data = new byte[50];
    assertThat(buffer.onData(0, false, data, 0, 20)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.onData(0, true, data, 0, 19)).isEqualTo(Verdict.FINAL_SIZE);
    assertThat(buffer.onData(0, true, data, 0, 30)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.onData(0, true, data, 0, 31)).isEqualTo(Verdict.FINAL_SIZE);
    assertThat(buffer.onData(30, false, data, 0, 1)).isEqualTo(Verdict.FINAL_SIZE);
    assertThat(buffer.onData(5, true, data, 0, 20)).isEqualTo(Verdict.FINAL_SIZE);
    assertThat(buffer.read(data, 0, 50)).isEqualTo(30);
    assertThat(buffer.isFinished()).isTrue();
    assertThat(buffer.wantsGrant()).isFalse();
  }

  @Test
  void anEmptyStreamFinishesAtOnceAndTheWindowIsBounded() {
    ReceiveBuffer buffer = new ReceiveBuffer(1, share);
    assertThat(buffer.isFinished()).isFalse();
    assertThat(buffer.onData(0, true, new byte[0], 0, 0)).isEqualTo(Verdict.ACCEPTED);
    assertThat(buffer.isFinished()).isTrue();
    assertThatThrownBy(() -> new ReceiveBuffer(ReceiveBuffer.WINDOW_MAX_BYTES + 1, share))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
