package io.aetherflow.statesync.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A log that lives as long as the process; for tests. */
public final class MemoryOpLog implements OpLog {
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<Integer, TreeMap<Long, Segment>> segments = new HashMap<>();
  private final Map<Integer, Long> trimmed = new HashMap<>();
  private final MemoryCompactionLock lock;
  private long lastEpoch;

  public MemoryOpLog(MemoryCompactionLock lock) {
    this.lock = lock;
  }

  @Override
  public synchronized CompletableFuture<Map<Integer, Long>> claim(
      Map<Integer, Long> seenEpochs, String owner) {
    OpLog.checkShards(seenEpochs.keySet(), SHARDS_PER_CLAIM_MAX);
    Map<Integer, Long> claimed = new TreeMap<>();
    lastEpoch++;
    seenEpochs.forEach((shard, seenEpoch) -> {
      if (epochs.getOrDefault(shard, 0L).equals(seenEpoch)) {
        epochs.put(shard, lastEpoch);
        claimed.put(shard, lastEpoch);
      }
    });
    return CompletableFuture.completedFuture(claimed);
  }

  @Override
  public synchronized CompletableFuture<Void> release(Map<Integer, Long> released) {
    OpLog.checkShards(released.keySet(), SHARDS_PER_CLAIM_MAX);
    released.forEach(epochs::remove);
    return CompletableFuture.completedFuture(null);
  }

  /** Whether the shard is owned under this epoch. */
  public synchronized boolean owned(int shard, long epoch) {
    return epochs.getOrDefault(shard, 0L) == epoch;
  }

  @Override
  public synchronized CompletableFuture<Appended> append(List<ShardAppend> appends) {
    OpLog.checkSize(appends);
    if (appends.stream().allMatch(append -> append.segment().equals(stored(append)))) {
      return CompletableFuture.completedFuture(new Committed());
    }
    Set<Integer> fenced = new TreeSet<>();
    for (ShardAppend append : appends) {
      if (!owned(append.shard(), append.epoch()) || stored(append) != null) {
        fenced.add(append.shard());
      }
    }
    if (!fenced.isEmpty()) {
      return CompletableFuture.completedFuture(new Fenced(fenced));
    }
    for (ShardAppend append : appends) {
      segments
          .computeIfAbsent(append.shard(), shard -> new TreeMap<>())
          .put(append.segment().number(), append.segment());
    }
    return CompletableFuture.completedFuture(new Committed());
  }

  @Override
  public CompletableFuture<Void> ping() {
    return CompletableFuture.completedFuture(null);
  }

  private Segment stored(ShardAppend append) {
    return segments.getOrDefault(append.shard(), new TreeMap<>()).get(append.segment().number());
  }

  @Override
  public synchronized CompletableFuture<Map<Integer, Tail>> read(Set<Integer> shards) {
    OpLog.checkShards(shards, SHARDS_PER_READ_MAX);
    Map<Integer, Tail> tails = new TreeMap<>();
    for (int shard : shards) {
      tails.put(
          shard,
          new Tail(
              trimmed.getOrDefault(shard, 0L),
              List.copyOf(segments.getOrDefault(shard, new TreeMap<>()).values())));
    }
    return CompletableFuture.completedFuture(tails);
  }

  @Override
  public synchronized CompletableFuture<Trimmed> trim(Trim trim) {
    if (!owned(trim.shard(), trim.epoch())) {
      return CompletableFuture.completedFuture(Trimmed.FENCED);
    }
    if (!lock.held(trim.lockRevision())) {
      return CompletableFuture.completedFuture(Trimmed.UNLOCKED);
    }
    trimmed.put(trim.shard(), trim.throughNumber());
    segments
        .getOrDefault(trim.shard(), new TreeMap<>())
        .headMap(trim.throughNumber(), true)
        .clear();
    return CompletableFuture.completedFuture(Trimmed.DONE);
  }

  @Override
  public CompletableFuture<Void> advance(Map<Integer, Long> advanced, long lockRevision) {
    OpLog.checkShards(advanced.keySet(), SHARDS_PER_ADVANCE_MAX);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Collected> collect(
      long lockRevision, Supplier<CompletableFuture<Boolean>> rest) {
    return CompletableFuture.completedFuture(new Collected(0, true));
  }

  @Override
  public CompletableFuture<Void> forgetHistory(long point) {
    return CompletableFuture.completedFuture(null);
  }
}
