package io.aetherflow.statesync.document;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * The durable operations of one document: the hot ones, which are in the log and in memory, and
 * before them the archived ones. Loop only.
 */
final class DocumentHistory {
  /**
   * Operations that are still in the log. Encoded, because as objects they take three times the
   * memory, and each collection of the young generation copies them one by one while all wait.
   */
  private record Hot(long segment, long lastSeq, ByteString encoded) {
    static Hot of(OperationBatch batch, long segment) {
      long last = batch.getFirstSeq() + batch.getOperationsCount() - 1;
      return new Hot(segment, last, batch.toByteString());
    }

    OperationBatch batch() {
      try {
        return OperationBatch.parseFrom(encoded);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("what was encoded here cannot be read", e);
      }
    }
  }

  private final ShardContext context;
  private final DocumentArchive archive;
  private final ArrayDeque<Hot> hot = new ArrayDeque<>(2);
  private long head;

  DocumentHistory(String document, OwnedShard shard) {
    this.context = shard.context();
    this.archive = new DocumentArchive(document, shard);
  }

  DocumentArchive archive() {
    return archive;
  }

  /** The last durable operation. */
  long head() {
    return head;
  }

  void restore(Stored stored) {
    archive.restore(stored);
    head = stored.snapshot().getArchivedSeq();
  }

  /** Takes in what is in the log; part of it may be archived already. */
  void add(OperationBatch batch, long segment) {
    hot.add(Hot.of(batch, segment));
    head = hot.getLast().lastSeq();
  }

  /** Operations from a place on, not beyond the head; maybe fewer than there are. */
  CompletableFuture<List<Operation>> read(long fromSeq, int operationsMax, int bytesMax) {
    if (fromSeq < archive.firstSeq()) {
      return CompletableFuture.failedFuture(new TrimmedException(archive.firstSeq()));
    }
    if (fromSeq <= archive.archivedSeq()) {
      return archive.read(
          new OperationReader.Want(fromSeq, archive.archivedSeq(), operationsMax, bytesMax));
    }
    return CompletableFuture.completedFuture(
        OperationReader.pick(
            new OperationReader.Want(fromSeq, head, operationsMax, bytesMax),
            () ->
                hot.stream().filter(each -> each.lastSeq() >= fromSeq).map(Hot::batch).iterator()));
  }

  /**
   * Moves operations from the log into the archive.
   *
   * @param throughSegment the last segment whose operations move
   * @param snapshotAt what else must be known behind a place
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> archive(
      long throughSegment, LongFunction<DocumentSnapshot> snapshotAt) {
    return archive
        .settled()
        .thenComposeAsync(known -> archiveNext(throughSegment, snapshotAt), context.loop());
  }

  private CompletableFuture<Boolean> archiveNext(
      long throughSegment, LongFunction<DocumentSnapshot> snapshotAt) {
    List<Operation> operations = nextOperations(throughSegment);
    if (operations.isEmpty()) {
      forgetArchived(throughSegment);
      return CompletableFuture.completedFuture(true);
    }
    return archive
        .add(operations, snapshotAt.apply(operations.getLast().getSeq()))
        .thenComposeAsync(
            saved ->
                saved
                    ? archive(throughSegment, snapshotAt)
                    : CompletableFuture.completedFuture(false),
            context.loop());
  }

  /** The operations that follow the archived ones, as many as one save takes, without a hole. */
  private List<Operation> nextOperations(long throughSegment) {
    List<Operation> operations = new ArrayList<>();
    int bytes = 0;
    for (Hot each : hot) {
      if (each.segment() > throughSegment) {
        return operations;
      }
      if (each.lastSeq() <= archive.archivedSeq()) {
        continue;
      }
      for (Operation operation : each.batch().getOperationsList()) {
        if (operation.getSeq() <= archive.archivedSeq()) {
          continue;
        }
        bytes += operation.getSerializedSize();
        boolean full =
            bytes > DocumentArchive.SAVE_BYTES_MAX
                || operations.size() == DocumentArchive.SAVE_OPERATIONS_MAX;
        if (full && !operations.isEmpty()) {
          return operations;
        }
        operations.add(operation);
      }
    }
    return operations;
  }

  private void forgetArchived(long throughSegment) {
    while (hasHot(throughSegment)) {
      hot.remove();
    }
  }

  boolean hasHot(long throughSegment) {
    return !hot.isEmpty() && hot.peek().segment() <= throughSegment;
  }
}
