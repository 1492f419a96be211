package io.aetherflow.statesync.archive;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.MemoryOpLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** An archive that lives as long as the process; for tests. */
public final class MemorySnapshotStore implements SnapshotStore {
  private final MemoryOpLog log;
  private final Map<Integer, TreeMap<String, Stored>> snapshots = new HashMap<>();
  private final Map<String, TreeMap<Long, OperationBatch>> chunks = new HashMap<>();
  private final Map<String, ByteString> states = new HashMap<>();
  private long lastRevision;

  /**
   * @param log which knows the epochs
   */
  public MemorySnapshotStore(MemoryOpLog log) {
    this.log = log;
  }

  @Override
  public synchronized CompletableFuture<List<Stored>> load(int shard) {
    return CompletableFuture.completedFuture(
        List.copyOf(snapshots.getOrDefault(shard, new TreeMap<>()).values()));
  }

  @Override
  public synchronized CompletableFuture<Optional<Stored>> load(int shard, String document) {
    return CompletableFuture.completedFuture(Optional.ofNullable(find(shard, document)));
  }

  private Stored find(int shard, String document) {
    return snapshots.getOrDefault(shard, new TreeMap<>()).get(document);
  }

  @Override
  public synchronized CompletableFuture<Saved> save(Save save) {
    if (!log.owned(save.shard(), save.epoch())) {
      return CompletableFuture.completedFuture(new Fenced());
    }
    String document = save.snapshot().getDocument();
    Stored found = Objects.requireNonNullElse(find(save.shard(), document), Stored.NONE);
    if (found.revision() != save.seenRevision()) {
      return CompletableFuture.completedFuture(new Changed());
    }
    Stored now = new Stored(save.snapshot(), ++lastRevision);
    snapshots.computeIfAbsent(save.shard(), shard -> new TreeMap<>()).put(document, now);
    TreeMap<Long, OperationBatch> ofDocument =
        chunks.computeIfAbsent(document, id -> new TreeMap<>());
    save.chunks().forEach(chunk -> ofDocument.put(chunk.getFirstSeq(), chunk));
    save.dropped().forEach(ofDocument::remove);
    ofDocument.headMap(save.firstKept()).clear();
    if (save.sweepsStates()) {
      String kept = key(document, save.snapshot().getState());
      states.keySet().removeIf(key -> key.startsWith(document + "/") && !key.equals(kept));
    }
    return CompletableFuture.completedFuture(new Done(now));
  }

  @Override
  public synchronized CompletableFuture<Optional<OperationBatch>> chunk(
      String document, long firstSeq) {
    return CompletableFuture.completedFuture(
        Optional.ofNullable(chunks.getOrDefault(document, new TreeMap<>()).get(firstSeq)));
  }

  @Override
  public synchronized CompletableFuture<Void> putState(
      String document, State state, ByteString bytes) {
    states.put(key(document, state), bytes);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletableFuture<Optional<ByteString>> state(String document, State state) {
    return CompletableFuture.completedFuture(Optional.ofNullable(states.get(key(document, state))));
  }

  private static String key(String document, State state) {
    return document + "/" + state.getId();
  }
}
