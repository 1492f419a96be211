package io.aetherflow.statesync.archive;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.OperationBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where operations go that leave the log: chunks per document, and one snapshot per document that
 * says which there are. Thread-safe; futures fail when the store does not answer. A save without an
 * answer may still be carried out, but not after a later one of the same document: each names the
 * revision it follows.
 */
public interface SnapshotStore {
  /** Bounds one document's state: with its frame below the 4 MiB of a message. */
  int STATE_BYTES_MAX = 3 << 20;

  /** A value of etcd, as large as an operation may be. */
  int STATE_PIECE_BYTES = 512 << 10;

  /** All snapshots of a shard's documents. */
  CompletableFuture<List<Stored>> load(int shard);

  /** One document's snapshot; empty when nothing of it was archived. */
  CompletableFuture<Optional<Stored>> load(int shard, String document);

  /** Stores all of it or nothing. */
  CompletableFuture<Saved> save(Save save);

  /** The chunk that begins with an operation; empty when there is none. */
  CompletableFuture<Optional<OperationBatch>> chunk(String document, long firstSeq);

  /**
   * Puts a state's pieces where a save can then point at them. It counts only from that save on.
   * The next save of a state, and no other, takes away all pieces but those it points at; so it
   * must follow a revision that was read before its own pieces were put, or another may have taken
   * them.
   *
   * @param state its id is new
   * @param bytes at most {@link #STATE_BYTES_MAX}
   */
  CompletableFuture<Void> putState(String document, State state, ByteString bytes);

  /** The bytes of a state; empty when another has replaced it. */
  CompletableFuture<Optional<ByteString>> state(String document, State state);

  /**
   * A snapshot as it is in the store.
   *
   * @param revision differs between any two of a document; compared by equality only
   */
  record Stored(DocumentSnapshot snapshot, long revision) {
    /** Nothing of the document was archived. */
    public static final Stored NONE = new Stored(DocumentSnapshot.getDefaultInstance(), 0);
  }

  /** What became of a save; anything but {@link Done} has changed nothing. */
  sealed interface Saved {}

  /** What is stored now. */
  record Done(Stored now) implements Saved {}

  /** The shard has another owner. */
  record Fenced() implements Saved {}

  /** Another save came before; a repetition of one that was carried out gets this too. */
  record Changed() implements Saved {}

  /**
   * One step of archiving a document.
   *
   * @param seenRevision of the snapshot that this one replaces, 0 for none
   * @param snapshot what is true of the document afterwards; chunks before its first one go
   * @param chunks each written under its first operation, replacing what is there; none when only
   *     the state changes
   * @param dropped first operations of chunks that the written ones contain
   */
  record Save(
      int shard,
      long epoch,
      long seenRevision,
      DocumentSnapshot snapshot,
      List<OperationBatch> chunks,
      List<Long> dropped) {

    /**
     * Whether pieces of other states go: those of the next one may be put while chunks are saved.
     */
    boolean sweepsStates() {
      return chunks.isEmpty() && snapshot.hasState();
    }

    /** The first operation that is still in a chunk afterwards. */
    long firstKept() {
      return snapshot.getChunksCount() == 0
          ? snapshot.getArchivedSeq() + 1
          : snapshot.getChunks(0).getFirstSeq();
    }
  }
}
