package io.aetherflow.statesync.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.OpLog.Committed;
import io.aetherflow.statesync.log.OpLog.Fenced;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.OpLog.Trim;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every log promises. */
@Timeout(60)
abstract class OpLogContract {
  private static final int LARGE_BYTES = 1_000_000;

  abstract OpLog log();

  abstract CompactionLock lock(String holder);

  CompactionLock lock() {
    return lock("s-0");
  }

  @Test
  void whatIsAppendedIsReadInOrder() {
    long epoch = claim(7, 0);
    assertThat(log().append(List.of(append(7, epoch, 1, "a"))).join()).isEqualTo(new Committed());
    assertThat(log().append(List.of(append(7, epoch, 2, "b"))).join()).isEqualTo(new Committed());
    assertThat(all(7)).containsExactly(segment(1, "a"), segment(2, "b"));
  }

  @Test
  void aDeposedOwnerCannotWrite() {
    long first = claim(7, 0);
    long second = claim(7, first);
    assertThat(second).isGreaterThan(first);
    assertThat(log().append(List.of(append(7, first, 1, "stale"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    assertThat(log().append(List.of(append(7, second, 1, "fresh"))).join())
        .isEqualTo(new Committed());
    assertThat(all(7)).containsExactly(segment(1, "fresh"));
  }

  @Test
  void aClaimAgainstAnOwnerThatHasChangedIsRefused() {
    long first = claim(7, 0);
    assertThat(log().claim(Map.of(7, 0L), "late").join()).isEmpty();
    long second = claim(7, first);
    assertThat(log().claim(Map.of(7, first), "late").join()).isEmpty();
    assertThat(log().append(List.of(append(7, second, 1, "a"))).join()).isEqualTo(new Committed());
  }

  @Test
  void aReleasedShardIsFreeAndFencedUntilItIsClaimed() {
    long first = claim(7, 0);
    log().release(Map.of(7, first)).join();
    assertThat(log().append(List.of(append(7, first, 1, "late"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    long second = claim(7, 0);
    assertThat(second).isGreaterThan(first);
    log().release(Map.of(7, first)).join();
    assertThat(log().append(List.of(append(7, second, 1, "a"))).join())
        .as("an old owner releases nothing of its successor's")
        .isEqualTo(new Committed());
  }

  @Test
  void aBatchOverSeveralShardsIsAllOrNothing() {
    long seven = claim(7, 0);
    long eight = claim(8, 0);
    claim(8, eight);
    assertThat(log().append(List.of(append(7, seven, 1, "a"), append(8, eight, 1, "b"))).join())
        .isEqualTo(new Fenced(Set.of(8)));
    assertThat(all(7)).isEmpty();
    assertThat(all(8)).isEmpty();
  }

  @Test
  void anAppendUnderAnOldEpochLeavesNoTraceInANewerClaim() {
    long seven = claim(7, 0);
    long eight = claim(8, 0);
    long newer = claim(7, seven);
    assertThat(log().append(List.of(append(7, seven, 1, "a"), append(8, eight, 1, "b"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    assertThat(log().append(List.of(append(8, eight, 1, "b"))).join()).isEqualTo(new Committed());
    assertThat(log().append(List.of(append(7, newer, 1, "c"))).join()).isEqualTo(new Committed());
    assertThat(all(7)).containsExactly(segment(1, "c"));
    assertThat(all(8)).containsExactly(segment(1, "b"));
  }

  @Test
  void anUnclaimedShardTakesNothing() {
    assertThat(log().append(List.of(append(9, 1, 1, "a"))).join()).isEqualTo(new Fenced(Set.of(9)));
  }

  @Test
  void anIdenticalAppendRepeatedIsStoredOnce() {
    long epoch = claim(7, 0);
    List<ShardAppend> batch = List.of(append(7, epoch, 1, "a"));
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(all(7)).containsExactly(segment(1, "a"));
  }

  @Test
  void aRepeatedAppendIsKnownAsCommittedEvenAfterTheOwnerWasDeposed() {
    long seven = claim(7, 0);
    long eight = claim(8, 0);
    List<ShardAppend> batch = List.of(append(7, seven, 1, "a"), append(8, eight, 1, "b"));
    log().append(batch).join();
    long successor = claim(7, seven);
    log().append(List.of(append(7, successor, 2, "c"))).join();
    assertThat(log().append(batch).join()).isEqualTo(new Committed());
    assertThat(all(7)).containsExactly(segment(1, "a"), segment(2, "c"));
  }

  @Test
  void aSegmentIsNeverOverwritten() {
    long epoch = claim(7, 0);
    log().append(List.of(append(7, epoch, 1, "a"))).join();
    assertThat(log().append(List.of(append(7, epoch, 1, "other"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    assertThat(all(7)).containsExactly(segment(1, "a"));
  }

  @Test
  void neighbouringShardsDoNotMix() {
    long one = claim(1, 0);
    long ten = claim(10, 0);
    log().append(List.of(append(1, one, 1, "one"), append(10, ten, 1, "ten"))).join();
    assertThat(all(1)).containsExactly(segment(1, "one"));
    assertThat(all(10)).containsExactly(segment(1, "ten"));
  }

  @Test
  void oneAppendTakesAsManyShardsAsPromisedAndNoMore() {
    List<ShardAppend> batch =
        IntStream.rangeClosed(0, OpLog.SHARDS_PER_APPEND_MAX)
            .mapToObj(shard -> append(shard, claim(shard, 0), 1, "x"))
            .toList();
    List<ShardAppend> fits = batch.subList(0, OpLog.SHARDS_PER_APPEND_MAX);
    assertThat(log().append(fits).join()).isEqualTo(new Committed());
    assertThat(log().append(fits).join())
        .as("the repetition reads as much as it compares")
        .isEqualTo(new Committed());
    assertThat(all(OpLog.SHARDS_PER_APPEND_MAX - 1)).hasSize(1);
    assertThatThrownBy(() -> log().append(batch)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneAppendTakesAsManyBytesAsPromisedAndNoMore() {
    long epoch = claim(7, 0);
    int frame = append(7, epoch, 1, "x".repeat(LARGE_BYTES)).segment().encodedBytes() - LARGE_BYTES;
    String fits = "x".repeat(OpLog.APPEND_BYTES_MAX - frame);
    assertThat(log().append(List.of(append(7, epoch, 1, fits))).join()).isEqualTo(new Committed());
    assertThatThrownBy(() -> log().append(List.of(append(7, epoch, 2, fits + "x"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLogOfManyMegabytesIsReadAsAWhole() {
    long epoch = claim(7, 0);
    String large = "x".repeat(LARGE_BYTES);
    for (int number = 1; number <= 9; number++) {
      log().append(List.of(append(7, epoch, number, number + large))).join();
    }
    List<Segment> read = all(7);
    assertThat(read)
        .extracting(Segment::number)
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(read.getLast()).isEqualTo(segment(9, 9 + large));
  }

  @Test
  void manyShardsAreClaimedAtOnceButForThoseThatChanged() {
    claim(3, 0);
    Map<Integer, Long> none = epochs(OpLog.SHARDS_PER_CLAIM_MAX, 0);
    Map<Integer, Long> claimed = log().claim(none, "s-1").join();
    assertThat(claimed).hasSize(OpLog.SHARDS_PER_CLAIM_MAX - 1).doesNotContainKey(3);
    assertThat(log().append(List.of(append(5, claimed.get(5), 1, "a"))).join())
        .isEqualTo(new Committed());
    long successor = claim(5, claimed.get(5));
    log().release(claimed).join();
    assertThat(log().append(List.of(append(5, successor, 2, "b"))).join())
        .as("a release leaves the successor's shard alone")
        .isEqualTo(new Committed());
    assertThat(log().append(List.of(append(6, claimed.get(6), 1, "late"))).join())
        .isEqualTo(new Fenced(Set.of(6)));
    assertThatThrownBy(() -> log().claim(epochs(OpLog.SHARDS_PER_CLAIM_MAX + 1, 0), "s-1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log().release(epochs(OpLog.SHARDS_PER_CLAIM_MAX + 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyShardsAreReadAtOnce() {
    long one = claim(1, 0);
    long two = claim(2, 0);
    for (int number = 1; number <= 40; number++) {
      log().append(List.of(append(1, one, number, "a" + number))).join();
    }
    log().append(List.of(append(2, two, 1, "b"))).join();
    Map<Integer, Tail> tails = log().read(Set.of(0, 1, 2)).join();
    assertThat(tails).containsOnlyKeys(0, 1, 2);
    assertThat(tails.get(0)).isEqualTo(new Tail(0, List.of()));
    assertThat(tails.get(1).segments()).hasSize(40).startsWith(segment(1, "a1"));
    assertThat(tails.get(2)).isEqualTo(new Tail(0, List.of(segment(1, "b"))));
    assertThatThrownBy(() -> log().read(epochs(OpLog.SHARDS_PER_READ_MAX + 1, 1).keySet()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsTrimmedIsGoneAndTheRestStays() {
    long epoch = claim(7, 0);
    for (int number = 1; number <= 5; number++) {
      log().append(List.of(append(7, epoch, number, "a" + number))).join();
    }
    long token = lock().acquire().join().getAsLong();
    assertThat(trim(7, epoch, token, 3)).isEqualTo(Trimmed.DONE);
    log().collect(token, OpLogContract::noRest).join();
    lock().release(token).join();
    assertThat(tail(7)).isEqualTo(new Tail(3, List.of(segment(4, "a4"), segment(5, "a5"))));
    assertThat(log().append(List.of(append(7, epoch, 6, "a6"))).join()).isEqualTo(new Committed());
    long successor = claim(7, epoch);
    assertThat(tail(7).segments()).hasSize(3);
    assertThat(log().append(List.of(append(7, successor, 7, "a7"))).join())
        .isEqualTo(new Committed());
    assertThat(all(7)).extracting(Segment::number).containsExactly(4L, 5L, 6L, 7L);
  }

  @Test
  void anEntryThatAnotherShardNeedsStays() {
    long one = claim(1, 0);
    long two = claim(2, 0);
    log().append(List.of(append(1, one, 1, "a"), append(2, two, 1, "b"))).join();
    long token = lock().acquire().join().getAsLong();
    assertThat(trim(1, one, token, 1)).isEqualTo(Trimmed.DONE);
    log().collect(token, OpLogContract::noRest).join();
    assertThat(tail(1)).isEqualTo(new Tail(1, List.of()));
    assertThat(all(2)).containsExactly(segment(1, "b"));
    lock().release(token).join();
  }

  @Test
  void aDeposedOwnerTrimsNothing() {
    long first = claim(7, 0);
    log().append(List.of(append(7, first, 1, "a"))).join();
    claim(7, first);
    long token = lock().acquire().join().getAsLong();
    assertThat(trim(7, first, token, 1)).isEqualTo(Trimmed.FENCED);
    log().collect(token, OpLogContract::noRest).join();
    assertThat(all(7)).containsExactly(segment(1, "a"));
    lock().release(token).join();
  }

  @Test
  void ofTwoCompactorsOnlyTheHolderOfTheLockTrims() {
    long epoch = claim(7, 0);
    log().append(List.of(append(7, epoch, 1, "a"))).join();
    long old = lock().acquire().join().getAsLong();
    assertThat(lock("s-1").acquire().join()).isEmpty();
    lock().release(old).join();
    assertThat(trim(7, epoch, old, 1)).isEqualTo(Trimmed.UNLOCKED);
    long token = lock().acquire().join().getAsLong();
    assertThat(token).isGreaterThan(old);
    lock().release(old).join();
    assertThat(trim(7, epoch, old, 1)).isEqualTo(Trimmed.UNLOCKED);
    assertThat(all(7)).containsExactly(segment(1, "a"));
    assertThat(trim(7, epoch, token, 1)).isEqualTo(Trimmed.DONE);
    lock().release(token).join();
  }

  @Test
  void aHolderThatLostTheAnswerGetsTheLockUnderANewToken() {
    long epoch = claim(7, 0);
    log().append(List.of(append(7, epoch, 1, "a"))).join();
    long unheard = lock().acquire().join().getAsLong();
    long token = lock().acquire().join().getAsLong();
    assertThat(token).isGreaterThan(unheard);
    assertThat(trim(7, epoch, unheard, 1)).isEqualTo(Trimmed.UNLOCKED);
    lock().release(unheard).join();
    assertThat(lock("s-1").acquire().join()).isEmpty();
    assertThat(trim(7, epoch, token, 1)).isEqualTo(Trimmed.DONE);
    lock().release(token).join();
    long other = lock("s-1").acquire().join().getAsLong();
    assertThat(other).isGreaterThan(token);
    lock("s-1").release(other).join();
  }

  private Trimmed trim(int shard, long epoch, long token, long through) {
    return log().trim(new Trim(shard, epoch, token, through)).join();
  }

  private Tail tail(int shard) {
    return log().read(Set.of(shard)).join().get(shard);
  }

  private static Map<Integer, Long> epochs(int shards, long each) {
    return IntStream.range(0, shards)
        .boxed()
        .collect(Collectors.toMap(shard -> shard, shard -> each));
  }

  private long claim(int shard, long seenEpoch) {
    return log().claim(Map.of(shard, seenEpoch), "s-0").join().get(shard);
  }

  private List<Segment> all(int shard) {
    return tail(shard).segments();
  }

  static ShardAppend append(int shard, long epoch, long number, String text) {
    return new ShardAppend(shard, epoch, segment(number, text));
  }

  static Segment segment(long number, String text) {
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

  static CompletableFuture<Boolean> noRest() {
    return CompletableFuture.completedFuture(true);
  }
}
