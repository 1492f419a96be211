package io.aetherflow.statesync.document;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.Chunk;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.archive.SnapshotStore.Changed;
import io.aetherflow.statesync.archive.SnapshotStore.Done;
import io.aetherflow.statesync.archive.SnapshotStore.Fenced;
import io.aetherflow.statesync.archive.SnapshotStore.Save;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The part of one document that left the log: which chunks there are, and the next ones. Loop only.
 *
 * <p>Chunks are merged as they come, the smaller into the larger, so that a document that is
 * written slowly does not end as many small values, and each operation is rewritten a few times at
 * most.
 */
final class DocumentArchive {
  /** At most 8 chunks at once, with the snapshot far below what one request of etcd takes. */
  static final int SAVE_BYTES_MAX = 256 << 10;

  /** Bounds what is read for one operation out of the middle. */
  static final int SAVE_OPERATIONS_MAX = 2_048;

  /**
   * etcd's database keeps at least two values to a page, however large, and writes those that stay
   * anew when their neighbours go. Chunks stay, and most of what is written between them goes: in
   * small pieces, side by side, all but the first and the last have neighbours that stay.
   */
  private static final int CHUNK_BYTES_MAX = 32 << 10;

  /** Each but the first is a delete in the save that merges them, and etcd takes 128 writes. */
  static final int MERGED_CHUNKS_MAX = 64;

  /**
   * Bounds what one document without a state can take of etcd, and its list of chunks: about 4,096
   * of them, 55 KB in each save.
   */
  static final long BYTES_MAX = 64 << 20;

  /** What stays readable of the operations that a state contains, for who was away a while. */
  static final long RESUME_BYTES = 4 << 20;

  /** Bounds what one reading costs while states replace each other, or when a state is lost. */
  private static final int STATE_READS_MAX = 4;

  private final String document;
  private final OwnedShard shard;
  private final ShardContext context;
  private List<Chunk> chunks = List.of();
  private long archivedSeq;
  private long bytes;
  private State state = State.getDefaultInstance();

  /** A save had no answer: what is stored may be another than what is known here. */
  private boolean inDoubt;

  private long revision;
  private int restored;

  DocumentArchive(String document, OwnedShard shard) {
    this.document = document;
    this.shard = shard;
    this.context = shard.context();
  }

  void restore(Stored stored) {
    restored++;
    inDoubt = false;
    revision = stored.revision();
    DocumentSnapshot snapshot = stored.snapshot();
    chunks = snapshot.getChunksList();
    archivedSeq = snapshot.getArchivedSeq();
    bytes = snapshot.getChunkBytes();
    state = snapshot.getState();
  }

  /** The last operation that can be read here. */
  long archivedSeq() {
    return archivedSeq;
  }

  /** The first operation that can be read, here or in the log. */
  long firstSeq() {
    return chunks.isEmpty() ? archivedSeq + 1 : chunks.getFirst().getFirstSeq();
  }

  /** The last operation that the stored state contains; 0 without one. */
  long stateSeq() {
    return state.getSeq();
  }

  /** What is archived, but for the state. */
  long bytes() {
    return bytes;
  }

  boolean full() {
    return bytes >= BYTES_MAX;
  }

  /** What would have to be read to bring the state up to date. */
  long bytesAboveState() {
    long above = 0;
    for (int i = chunks.size() - 1; i >= 0 && chunks.get(i).getFirstSeq() > stateSeq(); i--) {
      above += chunks.get(i).getBytes();
    }
    return above;
  }

  /** How large the stored state is. */
  int stateBytes() {
    return state.getBytes();
  }

  /** Done when what is known here is what was stored; reads it again after a doubtful save. */
  CompletableFuture<Void> settled() {
    if (!inDoubt) {
      return CompletableFuture.completedFuture(null);
    }
    int before = restored;
    return context
        .snapshots()
        .load(shard.number(), document)
        .thenComposeAsync(
            found -> {
              if (restored == before) {
                restore(found.orElse(Stored.NONE));
              }
              return settled();
            },
            context.loop());
  }

  /** The operations of the chunk that holds one, from that one on; fails when it is trimmed. */
  CompletableFuture<List<Operation>> read(OperationReader.Want want) {
    return settled()
        .thenCompose(known -> findChunk(chunkOf(want.fromSeq())))
        .thenComposeAsync(
            found -> found.map(CompletableFuture::completedFuture).orElseGet(() -> readAgain(want)),
            context.loop())
        .thenApply(chunk -> OperationReader.pick(want, List.of(chunk)));
  }

  /** The stored state and its bytes; empty while there is none. */
  CompletableFuture<Optional<Content>> state() {
    return state(STATE_READS_MAX);
  }

  private CompletableFuture<Optional<Content>> state(int readsLeft) {
    return readsLeft == 0
        ? CompletableFuture.failedFuture(
            new IllegalStateException(document + " has no such state as its snapshot names"))
        : settled().thenComposeAsync(known -> readState(readsLeft), context.loop());
  }

  private CompletableFuture<Optional<Content>> readState(int readsLeft) {
    State wanted = state;
    if (wanted.getSeq() == 0) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return context
        .snapshots()
        .state(document, wanted)
        .thenComposeAsync(
            found -> {
              if (found.isPresent()) {
                return CompletableFuture.completedFuture(
                    Optional.of(new Content(wanted.getSeq(), found.get())));
              }
              if (wanted.equals(state)) {
                inDoubt = true;
              }
              return state(readsLeft - 1);
            },
            context.loop());
  }

  /** What the operations up to a place amount to. */
  record Content(long seq, ByteString data) {}

  /**
   * Stores a state and trims what it makes dispensable; changes nothing if a later one is stored.
   *
   * @param content of durable operations; at most {@link SnapshotStore#STATE_BYTES_MAX}
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> putState(Content content) {
    return settled().thenComposeAsync(known -> putSettled(content), context.loop());
  }

  private CompletableFuture<Boolean> putSettled(Content content) {
    if (content.seq() <= state.getSeq()) {
      return CompletableFuture.completedFuture(true);
    }
    return context
        .snapshots()
        .load(shard.number(), document)
        .thenComposeAsync(found -> putAfter(found.orElse(Stored.NONE), content), context.loop());
  }

  /** The pieces come after the revision was read: whatever could take them away changes it. */
  private CompletableFuture<Boolean> putAfter(Stored seen, Content content) {
    if (content.seq() <= seen.snapshot().getState().getSeq()) {
      inDoubt = true;
      return putState(content);
    }
    State next =
        State.newBuilder()
            .setSeq(content.seq())
            .setId("%016x-%016x".formatted(content.seq(), context.random().nextLong()))
            .setPieces(Math.ceilDiv(content.data().size(), SnapshotStore.STATE_PIECE_BYTES))
            .setBytes(content.data().size())
            .build();
    return context
        .snapshots()
        .putState(document, next, content.data())
        .thenComposeAsync(put -> pointAt(next, seen), context.loop())
        .thenComposeAsync(
            owned -> owned ? putState(content) : CompletableFuture.completedFuture(false),
            context.loop());
  }

  private CompletableFuture<Boolean> pointAt(State next, Stored stored) {
    List<Chunk> kept =
        kept(stored.snapshot().getChunksList(), stored.snapshot().getArchivedSeq(), next.getSeq());
    DocumentSnapshot snapshot =
        stored.snapshot().toBuilder()
            .setDocument(document)
            .setState(next)
            .clearChunks()
            .addAllChunks(kept)
            .setChunkBytes(bytes(kept))
            .build();
    return save(
        new Save(shard.number(), shard.epoch(), stored.revision(), snapshot, List.of(), List.of()));
  }

  /** The newest chunks, as many as are worth keeping, and all that no state contains. */
  private static List<Chunk> kept(List<Chunk> all, long lastSeq, long stateSeq) {
    int from = 0;
    long left = bytes(all);
    while (from < all.size()) {
      long end = from + 1 < all.size() ? all.get(from + 1).getFirstSeq() - 1 : lastSeq;
      left -= all.get(from).getBytes();
      if (end > stateSeq || left < RESUME_BYTES) {
        break;
      }
      from++;
    }
    return all.subList(from, all.size());
  }

  private static long bytes(List<Chunk> chunks) {
    return chunks.stream().mapToLong(Chunk::getBytes).sum();
  }

  /** A save whose answer is under way may just have merged the chunk into another. */
  private CompletableFuture<OperationBatch> readAgain(OperationReader.Want want) {
    inDoubt = true;
    return settled()
        .thenComposeAsync(
            known ->
                want.fromSeq() < firstSeq()
                    ? CompletableFuture.failedFuture(new TrimmedException(firstSeq()))
                    : readChunk(chunkOf(want.fromSeq())),
            context.loop());
  }

  private CompletableFuture<OperationBatch> readChunk(long firstSeq) {
    return findChunk(firstSeq)
        .thenApply(found ->
            found.orElseThrow(
                () -> new IllegalStateException(document + " has no chunk at " + firstSeq)));
  }

  private CompletableFuture<Optional<OperationBatch>> findChunk(long firstSeq) {
    return context.snapshots().chunk(document, firstSeq);
  }

  private long chunkOf(long seq) {
    int found = chunks.size() - 1;
    while (found > 0 && chunks.get(found).getFirstSeq() > seq) {
      found--;
    }
    return chunks.get(found).getFirstSeq();
  }

  /**
   * Archives operations that follow {@link #archivedSeq}, when that is {@link #settled}, unless
   * another save turns out to have come before.
   *
   * @param repetitions a snapshot that knows the writers up to the last of them
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> add(List<Operation> operations, DocumentSnapshot repetitions) {
    // A read may find out more meanwhile; what is built here follows what is known now.
    long seenRevision = revision;
    State seenState = state;
    List<Chunk> merged = mergedWith(operations);
    List<Chunk> kept = chunks.subList(0, chunks.size() - merged.size());
    CompletableFuture<OperationBatch.Builder> whole =
        CompletableFuture.completedFuture(OperationBatch.newBuilder());
    for (Chunk each : merged) {
      whole =
          whole.thenCombine(
              readChunk(each.getFirstSeq()),
              (batch, chunk) -> append(batch, chunk.getOperationsList()));
    }
    return whole.thenComposeAsync(
        batch -> {
          List<OperationBatch> written = cut(append(batch, operations));
          List<Chunk> now = new ArrayList<>(kept);
          for (OperationBatch chunk : written) {
            now.add(
                Chunk.newBuilder()
                    .setFirstSeq(chunk.getFirstSeq())
                    .setBytes(chunk.getSerializedSize())
                    .build());
          }
          long last = operations.getLast().getSeq();
          List<Chunk> afterTrim = kept(now, last, seenState.getSeq());
          DocumentSnapshot.Builder snapshot =
              repetitions.toBuilder()
                  .setDocument(document)
                  .setArchivedSeq(last)
                  .addAllChunks(afterTrim)
                  .setChunkBytes(bytes(afterTrim));
          if (seenState.getSeq() > 0) {
            snapshot.setState(seenState);
          }
          List<Long> dropped = merged.stream().skip(1).map(Chunk::getFirstSeq).toList();
          return save(
              new Save(
                  shard.number(), shard.epoch(), seenRevision, snapshot.build(), written, dropped));
        },
        context.loop());
  }

  private CompletableFuture<Boolean> save(Save save) {
    return context
        .snapshots()
        .save(save)
        .whenCompleteAsync(
            (saved, error) -> {
              if (error != null || saved instanceof Changed) {
                inDoubt = true;
              } else if (saved instanceof Done(Stored now)) {
                restore(now);
              }
            },
            context.loop())
        .thenApply(saved -> !(saved instanceof Fenced));
  }

  /** Into chunks of about the same size. */
  private List<OperationBatch> cut(OperationBatch.Builder whole) {
    List<Operation> operations = whole.getOperationsList();
    long left = operations.stream().mapToLong(Operation::getSerializedSize).sum();
    List<OperationBatch> cut = new ArrayList<>();
    int from = 0;
    while (from < operations.size()) {
      long enough = Math.ceilDiv(left, Math.ceilDiv(left, CHUNK_BYTES_MAX));
      int to = from;
      for (long taken = 0; taken < enough; to++) {
        taken += operations.get(to).getSerializedSize();
        left -= operations.get(to).getSerializedSize();
      }
      cut.add(batch(operations.subList(from, to)));
      from = to;
    }
    return cut;
  }

  private OperationBatch batch(List<Operation> operations) {
    return append(OperationBatch.newBuilder(), operations)
        .setDocument(document)
        .setEpoch(shard.epoch())
        .build();
  }

  /**
   * The last chunks, as long as they are no larger than what comes after them and all are one chunk
   * together.
   */
  private List<Chunk> mergedWith(List<Operation> operations) {
    long size = batch(operations).getSerializedSize();
    long last = operations.getLast().getSeq();
    int from = chunks.size();
    while (from > 0
        && chunks.size() - from < MERGED_CHUNKS_MAX
        && chunks.get(from - 1).getBytes() <= size
        && chunks.get(from - 1).getBytes() + size <= CHUNK_BYTES_MAX
        && last - chunks.get(from - 1).getFirstSeq() < SAVE_OPERATIONS_MAX) {
      from--;
      size += chunks.get(from).getBytes();
    }
    return chunks.subList(from, chunks.size());
  }

  private OperationBatch.Builder append(OperationBatch.Builder batch, List<Operation> operations) {
    for (Operation operation : operations) {
      long next = batch.getFirstSeq() + batch.getOperationsCount();
      if (batch.getOperationsCount() == 0) {
        batch.setFirstSeq(operation.getSeq()).addOperations(operation);
      } else if (operation.getSeq() == next) {
        batch.addOperations(operation);
      } else {
        throw new IllegalStateException(
            document + " has " + operation.getSeq() + " where " + next + " belongs");
      }
    }
    return batch;
  }
}
