package io.aetherflow.statesync.log;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The durable, ordered log of each shard, with one writer at a time.
 *
 * <p>A writer first {@link #claim claims} a shard and gets its epoch. Every append names that
 * epoch; once another has claimed the shard, appends under the old epoch are {@link Fenced} and
 * change nothing. Thread-safe; futures fail with what the store says when the outcome is unknown,
 * and the identical append may then be repeated until it is known.
 *
 * <p>The log holds what was not archived yet: {@link #trim} takes segments out, and what is left is
 * small enough to be read as a whole.
 */
public interface OpLog {
  /** Shards one append may touch: one compare each and one of the entry, and etcd takes 128. */
  int SHARDS_PER_APPEND_MAX = 126;

  /** Shards one claim or release may name: two writes each, and etcd takes 128. */
  int SHARDS_PER_CLAIM_MAX = 63;

  /** Shards one read may name: what they share is read once. */
  int SHARDS_PER_READ_MAX = 126;

  /** Shards one advance may name: a write each and as many deletes as fit etcd's 128. */
  int SHARDS_PER_ADVANCE_MAX = 40;

  /** Bytes one append may carry; etcd takes requests of 1.5 MiB. */
  int APPEND_BYTES_MAX = 1 << 20;

  /**
   * Makes this owner the only writer of shards.
   *
   * @param seenEpochs by shard, the epoch the claimant means to end; 0 when it saw no owner
   * @param owner what {@code /owners} says about it
   * @return the epochs, each higher than any before of its shard; shards that had another owner by
   *     then are left out
   * @throws IllegalArgumentException for more than {@link #SHARDS_PER_CLAIM_MAX}
   */
  CompletableFuture<Map<Integer, Long>> claim(Map<Integer, Long> seenEpochs, String owner);

  /**
   * Gives shards up, but for those that another has by now.
   *
   * @param epochs by shard
   * @throws IllegalArgumentException for more than {@link #SHARDS_PER_CLAIM_MAX}
   */
  CompletableFuture<Void> release(Map<Integer, Long> epochs);

  /**
   * Appends all segments or none.
   *
   * @throws IllegalArgumentException for more shards or bytes than an append takes
   */
  CompletableFuture<Appended> append(List<ShardAppend> appends);

  /** Done when the log answers at all; costs little. */
  CompletableFuture<Void> ping();

  /**
   * What the log holds of shards as of now.
   *
   * @return a tail for each, empty where nothing is stored
   * @throws IllegalArgumentException for more than {@link #SHARDS_PER_READ_MAX}
   */
  CompletableFuture<Map<Integer, Tail>> read(Set<Integer> shards);

  /** Takes a shard's oldest segments out, if both its ownership and the lock still hold. */
  CompletableFuture<Trimmed> trim(Trim trim);

  /**
   * Notes how little of the logs these shards still need, those that wrote nothing included.
   * Changes nothing where one has another owner or the lock is lost.
   *
   * @param epochs by shard
   * @throws IllegalArgumentException for more than {@link #SHARDS_PER_ADVANCE_MAX}
   */
  CompletableFuture<Void> advance(Map<Integer, Long> epochs, long lockRevision);

  /**
   * Frees in steps what no shard needs anymore, while the lock holds.
   *
   * @param lockRevision of {@code /locks/state-compaction}
   * @param rest comes between two steps; false leaves what is left to the next collection
   */
  CompletableFuture<Collected> collect(
      long lockRevision, Supplier<CompletableFuture<Boolean>> rest);

  /**
   * Frees superseded and deleted values from before a point; done when they are free, also when
   * they were before.
   */
  CompletableFuture<Void> forgetHistory(long point);

  /** One shard's part of an append. Its bytes must differ between epochs. */
  record ShardAppend(int shard, long epoch, Segment segment) {}

  /** What became of an append. */
  sealed interface Appended {}

  /** Durable on a majority. A repeated identical append is also committed, once. */
  record Committed() implements Appended {}

  /**
   * Nothing was stored: these shards have another owner, or hold another segment of that number.
   */
  record Fenced(Set<Integer> shards) implements Appended {}

  /**
   * A shard's log.
   *
   * @param trimmedNumber the last segment that was taken out, 0 while none was
   * @param segments in order, from {@code trimmedNumber + 1} on
   */
  record Tail(long trimmedNumber, List<Segment> segments) {}

  /**
   * What to take out, after it was archived.
   *
   * @param lockRevision create revision of {@code /locks/state-compaction} as the trimmer holds it
   * @param throughNumber the last segment to go
   */
  record Trim(int shard, long epoch, long lockRevision, long throughNumber) {}

  /**
   * What a collection did.
   *
   * @param point in the store's history, at which it looked, for {@link #forgetHistory}
   * @param all whether nothing is left that was not needed then
   */
  record Collected(long point, boolean all) {}

  /** What became of a trim; anything but {@code DONE} has changed nothing. */
  enum Trimmed {
    DONE,
    /** Another owns the shard. */
    FENCED,
    /** Another has the lock, or nobody. */
    UNLOCKED
  }

  /**
   * @throws IllegalArgumentException for more than the bound
   */
  static void checkShards(Collection<Integer> shards, int max) {
    if (shards.size() > max) {
      throw new IllegalArgumentException(shards.size() + " shards where " + max + " are taken");
    }
  }

  /**
   * @throws IllegalArgumentException for more than an append takes
   */
  static void checkSize(List<ShardAppend> appends) {
    if (appends.size() > SHARDS_PER_APPEND_MAX) {
      throw new IllegalArgumentException("one append takes " + SHARDS_PER_APPEND_MAX + " shards");
    }
    long bytes = appends.stream().mapToLong(append -> append.segment().encodedBytes()).sum();
    if (bytes > APPEND_BYTES_MAX) {
      throw new IllegalArgumentException(
          "an append of " + bytes + " bytes; it takes " + APPEND_BYTES_MAX);
    }
  }
}
