package io.aetherflow.statesync.archive;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.OperationBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where operations go that leave the log: chunks per document, and one snapshot per document that
 * says which there are. Thread-safe; futures fail when the store does not answer, and the identical
 * save may then be repeated.
 */
public interface SnapshotStore {
  /** All snapshots of a shard's documents. */
  CompletableFuture<List<DocumentSnapshot>> load(int shard);

  /** One document's snapshot; empty when nothing of it was archived. */
  CompletableFuture<Optional<DocumentSnapshot>> load(int shard, String document);

  /**
   * Stores all of it or nothing.
   *
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> save(Save save);

  /** The chunk that begins with an operation; empty when there is none. */
  CompletableFuture<Optional<OperationBatch>> chunk(String document, long firstSeq);

  /**
   * One step of archiving a document.
   *
   * @param snapshot what is true of the document afterwards
   * @param chunk written under its first operation, replacing what is there
   * @param dropped first operations of chunks that the written one contains
   */
  record Save(
      int shard, long epoch, DocumentSnapshot snapshot, OperationBatch chunk, List<Long> dropped) {}
}
