package io.aetherflow.statesync.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A log that lives as long as the process; for tests. */
public final class MemoryOpLog implements OpLog {
  private static final int PAGE_SEGMENTS_MAX = 3;

  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<Integer, TreeMap<Long, Segment>> segments = new HashMap<>();
  private long lastEpoch;

  @Override
  public synchronized CompletableFuture<OptionalLong> claim(
      int shard, String owner, long seenEpoch) {
    if (epochs.getOrDefault(shard, 0L) != seenEpoch) {
      return CompletableFuture.completedFuture(OptionalLong.empty());
    }
    epochs.put(shard, ++lastEpoch);
    return CompletableFuture.completedFuture(OptionalLong.of(lastEpoch));
  }

  @Override
  public synchronized CompletableFuture<Void> release(int shard, long epoch) {
    epochs.remove(shard, epoch);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletableFuture<Appended> append(List<ShardAppend> appends) {
    OpLog.checkSize(appends);
    if (appends.stream().allMatch(append -> append.segment().equals(stored(append)))) {
      return CompletableFuture.completedFuture(new Committed());
    }
    Set<Integer> fenced = new TreeSet<>();
    for (ShardAppend append : appends) {
      if (epochs.getOrDefault(append.shard(), 0L) != append.epoch() || stored(append) != null) {
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
  public synchronized CompletableFuture<Page> read(int shard, long fromNumber) {
    var tail = segments.getOrDefault(shard, new TreeMap<>()).tailMap(fromNumber).values();
    List<Segment> page = tail.stream().limit(PAGE_SEGMENTS_MAX).toList();
    return CompletableFuture.completedFuture(new Page(page, tail.size() > page.size()));
  }
}
