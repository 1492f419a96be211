package io.aetherflow.statesync.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A log that lives as long as the process; for tests. */
public final class MemoryOpLog implements OpLog {
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<Integer, TreeMap<Long, Segment>> segments = new HashMap<>();
  private long lastEpoch;

  @Override
  public synchronized CompletableFuture<Long> claim(int shard, String owner) {
    epochs.put(shard, ++lastEpoch);
    return CompletableFuture.completedFuture(lastEpoch);
  }

  @Override
  public synchronized CompletableFuture<Appended> append(List<ShardAppend> appends) {
    Set<Integer> fenced = new TreeSet<>();
    for (ShardAppend append : appends) {
      if (epochs.getOrDefault(append.shard(), 0L) != append.epoch()) {
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
  public synchronized CompletableFuture<List<Segment>> read(int shard, long fromNumber) {
    TreeMap<Long, Segment> log = segments.getOrDefault(shard, new TreeMap<>());
    return CompletableFuture.completedFuture(new ArrayList<>(log.tailMap(fromNumber).values()));
  }
}
