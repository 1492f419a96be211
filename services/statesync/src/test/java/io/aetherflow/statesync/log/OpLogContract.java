package io.aetherflow.statesync.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.OpLog.Committed;
import io.aetherflow.statesync.log.OpLog.Fenced;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every log promises. */
abstract class OpLogContract {
  abstract OpLog log();

  @Test
  void whatIsAppendedIsReadInOrder() {
    long epoch = log().claim(7, "s-0").join();
    assertThat(log().append(List.of(append(7, epoch, 1, "a"))).join()).isEqualTo(new Committed());
    assertThat(log().append(List.of(append(7, epoch, 2, "b"))).join()).isEqualTo(new Committed());
    assertThat(log().read(7, 1).join()).containsExactly(segment(1, "a"), segment(2, "b"));
    assertThat(log().read(7, 2).join()).containsExactly(segment(2, "b"));
    assertThat(log().read(7, 3).join()).isEmpty();
  }

  @Test
  void aDeposedOwnerCannotWrite() {
    long first = log().claim(7, "s-0").join();
    long second = log().claim(7, "s-1").join();
    assertThat(second).isGreaterThan(first);
    assertThat(log().append(List.of(append(7, first, 1, "stale"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    assertThat(log().append(List.of(append(7, second, 1, "fresh"))).join())
        .isEqualTo(new Committed());
    assertThat(log().read(7, 1).join()).containsExactly(segment(1, "fresh"));
  }

  @Test
  void aBatchOverSeveralShardsIsAllOrNothing() {
    long seven = log().claim(7, "s-0").join();
    long eight = log().claim(8, "s-0").join();
    log().claim(8, "s-1").join();
    assertThat(log().append(List.of(append(7, seven, 1, "a"), append(8, eight, 1, "b"))).join())
        .isEqualTo(new Fenced(Set.of(8)));
    assertThat(log().read(7, 1).join()).isEmpty();
    assertThat(log().read(8, 1).join()).isEmpty();
  }

  @Test
  void anUnclaimedShardTakesNothing() {
    assertThat(log().append(List.of(append(9, 1, 1, "a"))).join()).isEqualTo(new Fenced(Set.of(9)));
  }

  @Test
  void anIdenticalAppendRepeatedIsStoredOnce() {
    long epoch = log().claim(7, "s-0").join();
    List<ShardAppend> batch = List.of(append(7, epoch, 1, "a"));
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(log().read(7, 1).join()).containsExactly(segment(1, "a"));
  }

  @Test
  void neighbouringShardsDoNotMix() {
    long one = log().claim(1, "s-0").join();
    long ten = log().claim(10, "s-0").join();
    log().append(List.of(append(1, one, 1, "one"), append(10, ten, 1, "ten"))).join();
    assertThat(log().read(1, 1).join()).containsExactly(segment(1, "one"));
    assertThat(log().read(10, 1).join()).containsExactly(segment(1, "ten"));
  }

  @Test
  void oneAppendTakesAsManyShardsAsPromised() {
    List<ShardAppend> batch =
        IntStream.range(0, OpLog.SHARDS_PER_APPEND_MAX)
            .mapToObj(shard -> append(shard, log().claim(shard, "s-0").join(), 1, "x"))
            .toList();
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(log().read(OpLog.SHARDS_PER_APPEND_MAX - 1, 1).join()).hasSize(1);
  }

  private static ShardAppend append(int shard, long epoch, long number, String text) {
    return new ShardAppend(shard, epoch, segment(number, text));
  }

  private static Segment segment(long number, String text) {
    Operation operation =
        Operation.newBuilder().setSeq(number).setData(ByteString.copyFromUtf8(text)).build();
    return new Segment(
        number,
        List.of(
            OperationBatch.newBuilder()
                .setDocument("d")
                .setFirstSeq(number)
                .addOperations(operation)
                .build()));
  }
}
