package io.aetherflow.statesync.log;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The durable, ordered log of each shard, with one writer at a time.
 *
 * <p>A writer first {@link #claim claims} a shard and gets its epoch. Every append names that
 * epoch; once another has claimed the shard, appends under the old epoch are {@link Fenced} and
 * change nothing. Thread-safe; futures fail with what the store says when the outcome is unknown,
 * and the identical append may then be repeated.
 */
public interface OpLog {
  /** Shards one append may touch; etcd takes 128 operations in one transaction. */
  int SHARDS_PER_APPEND_MAX = 100;

  /** Bytes one append may carry; etcd takes requests of 1.5 MiB. */
  int APPEND_BYTES_MAX = 1 << 20;

  /** Makes this owner the only writer of a shard; returns the epoch, higher than any before. */
  CompletableFuture<Long> claim(int shard, String owner);

  /** Appends all segments or none. */
  CompletableFuture<Appended> append(List<ShardAppend> appends);

  /** Segments of a shard from a number on, in order, as of now. */
  CompletableFuture<List<Segment>> read(int shard, long fromNumber);

  /** One shard's part of an append. */
  record ShardAppend(int shard, long epoch, Segment segment) {}

  /** What became of an append. */
  sealed interface Appended {}

  /** Durable on a majority. A repeated identical append is also committed, once. */
  record Committed() implements Appended {}

  /** Nothing was stored: these shards have a newer owner. */
  record Fenced(Set<Integer> shards) implements Appended {}
}
