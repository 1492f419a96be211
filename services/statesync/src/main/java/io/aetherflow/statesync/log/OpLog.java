package io.aetherflow.statesync.log;

import java.util.List;
import java.util.OptionalLong;
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

  /** Bytes one append may carry; etcd takes requests of 1.5 MiB. */
  int APPEND_BYTES_MAX = 1 << 20;

  /**
   * Makes this owner the only writer of a shard.
   *
   * @param owner what {@code /owners} says about it
   * @param seenEpoch the epoch the claimant means to end; 0 when it saw no owner
   * @return the epoch, higher than any before; empty when the owner was another by then
   */
  CompletableFuture<OptionalLong> claim(int shard, String owner, long seenEpoch);

  /** Gives a shard up, unless another has it by now. */
  CompletableFuture<Void> release(int shard, long epoch);

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
