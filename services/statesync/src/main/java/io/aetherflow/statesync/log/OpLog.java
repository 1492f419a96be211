package io.aetherflow.statesync.log;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The durable, ordered log of each shard, with one writer at a time.
 *
 * <p>A writer first {@link #claim claims} a shard and gets its epoch. Every append names that
 * epoch; once another has claimed the shard, appends under the old epoch are {@link Fenced} and
 * change nothing. Thread-safe; futures fail with what the store says when the outcome is unknown,
 * and the identical append may then be repeated until it is known.
 */
public interface OpLog {
  /** Shards one append may touch: two compares and two reads each, and etcd takes 128. */
  int SHARDS_PER_APPEND_MAX = 60;

  /** Shards one claim or release may name: as many operations as etcd takes. */
  int SHARDS_PER_CLAIM_MAX = 128;

  /** Shards one read may name: their first pages are one answer. */
  int SHARDS_PER_READ_MAX = 32;

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

  /** Segments of a shard from a number on, in order, as of now, as many as one answer holds. */
  CompletableFuture<Page> read(int shard, long fromNumber);

  /**
   * As {@link #read(int, long)} of several shards, with shorter pages.
   *
   * @return a page for each, empty where nothing is stored
   * @throws IllegalArgumentException for more than {@link #SHARDS_PER_READ_MAX}
   */
  CompletableFuture<Map<Integer, Page>> read(Map<Integer, Long> fromNumbers);

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
   * A part of the log.
   *
   * @param more whether segments follow
   */
  record Page(List<Segment> segments, boolean more) {}

  /**
   * @throws IllegalArgumentException for more than the bound
   */
  static void checkShards(Map<Integer, Long> shards, int max) {
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
