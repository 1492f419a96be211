package io.aetherflow.statesync.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  public synchronized CompletableFuture<Map<Integer, Long>> claim(
      Map<Integer, Long> seenEpochs, String owner) {
    OpLog.checkShards(seenEpochs, SHARDS_PER_CLAIM_MAX);
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
    OpLog.checkShards(released, SHARDS_PER_CLAIM_MAX);
    released.forEach(epochs::remove);
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
  public synchronized CompletableFuture<Map<Integer, Page>> read(Map<Integer, Long> fromNumbers) {
    OpLog.checkShards(fromNumbers, SHARDS_PER_READ_MAX);
    Map<Integer, Page> pages = new TreeMap<>();
    fromNumbers.forEach((shard, number) -> pages.put(shard, page(shard, number)));
    return CompletableFuture.completedFuture(pages);
  }

  @Override
  public synchronized CompletableFuture<Page> read(int shard, long fromNumber) {
    return CompletableFuture.completedFuture(page(shard, fromNumber));
  }

  private Page page(int shard, long fromNumber) {
    var tail = segments.getOrDefault(shard, new TreeMap<>()).tailMap(fromNumber).values();
    List<Segment> page = tail.stream().limit(PAGE_SEGMENTS_MAX).toList();
    return new Page(page, tail.size() > page.size());
  }
}
