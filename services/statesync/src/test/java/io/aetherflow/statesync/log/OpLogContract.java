package io.aetherflow.statesync.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.OpLog.Committed;
import io.aetherflow.statesync.log.OpLog.Fenced;
import io.aetherflow.statesync.log.OpLog.Page;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every log promises. */
@Timeout(60)
abstract class OpLogContract {
  private static final int LARGE_BYTES = 1_000_000;

  abstract OpLog log();

  @Test
  void whatIsAppendedIsReadInOrder() {
    long epoch = claim(7, 0);
    assertThat(log().append(List.of(append(7, epoch, 1, "a"))).join()).isEqualTo(new Committed());
    assertThat(log().append(List.of(append(7, epoch, 2, "b"))).join()).isEqualTo(new Committed());
    assertThat(all(7, 1)).containsExactly(segment(1, "a"), segment(2, "b"));
    assertThat(all(7, 2)).containsExactly(segment(2, "b"));
    assertThat(all(7, 3)).isEmpty();
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
    assertThat(all(7, 1)).containsExactly(segment(1, "fresh"));
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
    assertThat(all(7, 1)).isEmpty();
    assertThat(all(8, 1)).isEmpty();
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
    assertThat(all(7, 1)).containsExactly(segment(1, "a"));
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
    assertThat(all(7, 1)).containsExactly(segment(1, "a"), segment(2, "c"));
  }

  @Test
  void aSegmentIsNeverOverwritten() {
    long epoch = claim(7, 0);
    log().append(List.of(append(7, epoch, 1, "a"))).join();
    assertThat(log().append(List.of(append(7, epoch, 1, "other"))).join())
        .isEqualTo(new Fenced(Set.of(7)));
    assertThat(all(7, 1)).containsExactly(segment(1, "a"));
  }

  @Test
  void neighbouringShardsDoNotMix() {
    long one = claim(1, 0);
    long ten = claim(10, 0);
    log().append(List.of(append(1, one, 1, "one"), append(10, ten, 1, "ten"))).join();
    assertThat(all(1, 1)).containsExactly(segment(1, "one"));
    assertThat(all(10, 1)).containsExactly(segment(1, "ten"));
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
    assertThat(all(OpLog.SHARDS_PER_APPEND_MAX - 1, 1)).hasSize(1);
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
  void aLogOfManyMegabytesIsReadPageByPage() {
    long epoch = claim(7, 0);
    String large = "x".repeat(LARGE_BYTES);
    for (int number = 1; number <= 9; number++) {
      log().append(List.of(append(7, epoch, number, number + large))).join();
    }
    List<Segment> read = all(7, 1);
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
  void theFirstPagesOfManyShardsAreReadAtOnce() {
    long one = claim(1, 0);
    long two = claim(2, 0);
    for (int number = 1; number <= 40; number++) {
      log().append(List.of(append(1, one, number, "a" + number))).join();
    }
    log().append(List.of(append(2, two, 1, "b"))).join();
    Map<Integer, Page> pages = log().read(Map.of(0, 1L, 1, 3L, 2, 1L)).join();
    assertThat(pages).containsOnlyKeys(0, 1, 2);
    assertThat(pages.get(0)).isEqualTo(new Page(List.of(), false));
    assertThat(pages.get(1).segments()).startsWith(segment(3, "a3"), segment(4, "a4"));
    assertThat(pages.get(1).more()).isTrue();
    assertThat(pages.get(2)).isEqualTo(new Page(List.of(segment(1, "b")), false));
    assertThatThrownBy(() -> log().read(epochs(OpLog.SHARDS_PER_READ_MAX + 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pagesThatAreTooLargeTogetherAreReadAllTheSame() {
    String large = "x".repeat(LARGE_BYTES);
    for (int shard = 0; shard < 6; shard++) {
      long epoch = claim(shard, 0);
      log().append(List.of(append(shard, epoch, 1, shard + large))).join();
    }
    Map<Integer, Page> pages = log().read(epochs(6, 1)).join();
    assertThat(pages.get(5).segments()).containsExactly(segment(1, 5 + large));
    assertThat(pages).hasSize(6);
  }

  private static Map<Integer, Long> epochs(int shards, long each) {
    return IntStream.range(0, shards)
        .boxed()
        .collect(Collectors.toMap(shard -> shard, shard -> each));
  }

  private long claim(int shard, long seenEpoch) {
    return log().claim(Map.of(shard, seenEpoch), "s-0").join().get(shard);
  }

  private List<Segment> all(int shard, long fromNumber) {
    List<Segment> all = new ArrayList<>();
    Page page;
    long next = fromNumber;
    do {
      page = log().read(shard, next).join();
      all.addAll(page.segments());
      next = all.isEmpty() ? fromNumber : all.getLast().number() + 1;
    } while (page.more());
    return all;
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
