package io.aetherflow.statesync.archive;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.MemoryOpLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** An archive that lives as long as the process; for tests. */
public final class MemorySnapshotStore implements SnapshotStore {
  private final MemoryOpLog log;
  private final Map<Integer, TreeMap<String, DocumentSnapshot>> snapshots = new HashMap<>();
  private final Map<String, OperationBatch> chunks = new HashMap<>();

  /**
   * @param log which knows the epochs
   */
  public MemorySnapshotStore(MemoryOpLog log) {
    this.log = log;
  }

  @Override
  public synchronized CompletableFuture<List<DocumentSnapshot>> load(int shard) {
    return CompletableFuture.completedFuture(
        List.copyOf(snapshots.getOrDefault(shard, new TreeMap<>()).values()));
  }

  @Override
  public synchronized CompletableFuture<Optional<DocumentSnapshot>> load(
      int shard, String document) {
    return CompletableFuture.completedFuture(
        Optional.ofNullable(snapshots.getOrDefault(shard, new TreeMap<>()).get(document)));
  }

  @Override
  public synchronized CompletableFuture<Boolean> save(Save save) {
    if (!log.owned(save.shard(), save.epoch())) {
      return CompletableFuture.completedFuture(false);
    }
    String document = save.snapshot().getDocument();
    snapshots
        .computeIfAbsent(save.shard(), shard -> new TreeMap<>())
        .put(document, save.snapshot());
    chunks.put(key(document, save.chunk().getFirstSeq()), save.chunk());
    save.dropped().forEach(first -> chunks.remove(key(document, first)));
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public synchronized CompletableFuture<Optional<OperationBatch>> chunk(
      String document, long firstSeq) {
    return CompletableFuture.completedFuture(
        Optional.ofNullable(chunks.get(key(document, firstSeq))));
  }

  private static String key(String document, long firstSeq) {
    return document + "/" + firstSeq;
  }
}
