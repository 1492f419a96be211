package io.aetherflow.statesync.document;

import com.google.protobuf.Timestamp;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.commit.ShardWriter;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.OpLog.Trim;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import io.aetherflow.statesync.log.Segment;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A shard this instance has claimed: first {@link #load}, then it serves until {@link #stop} and
 * {@link #lost}. Loop only.
 */
public final class OwnedShard implements ShardWriter.Listener {
  /** Told when another owns the shard, and when nothing waits for its commit anymore. */
  public interface Listener {
    void fenced(OwnedShard shard);

    void idle(OwnedShard shard);
  }

  /** A segment that is still in the log. */
  private record Hot(long number, int bytes, long heapBytes) {}

  private final int number;
  private final long epoch;
  private final ShardContext context;
  private final Listener listener;
  private final Map<String, DocumentState> documents = new HashMap<>();
  private final ArrayDeque<Hot> hot = new ArrayDeque<>();
  private long hotBytes;
  private long archivable;
  private long taken;
  private long lastNumber;
  private ShardWriter writer;
  private boolean serving;

  public OwnedShard(int number, long epoch, ShardContext context, Listener listener) {
    this.number = number;
    this.epoch = epoch;
    this.context = context;
    this.listener = listener;
  }

  public int number() {
    return number;
  }

  public long epoch() {
    return epoch;
  }

  ShardContext context() {
    return context;
  }

  boolean serving() {
    return serving;
  }

  /** Takes in what is stored; after that the shard serves. */
  public void load(Tail tail, List<Stored> snapshots) {
    forgetAll();
    dropHot();
    snapshots.forEach(each -> document(each.snapshot().getDocument()).restore(each));
    lastNumber = tail.trimmedNumber();
    tail.segments().forEach(this::replay);
    archivable = lastNumber;
    taken = lastNumber;
    writer = new ShardWriter(number, epoch, lastNumber + 1, this);
    serving = true;
    documents.values().forEach(DocumentState::begin);
  }

  private void forgetAll() {
    context.totals().documents(-documents.size());
    documents.clear();
  }

  private void replay(Segment segment) {
    if (segment.number() != lastNumber + 1) {
      throw new IllegalStateException(
          "the log of shard "
              + number
              + " has a hole: segment "
              + segment.number()
              + " follows "
              + lastNumber);
    }
    for (OperationBatch batch : segment.batches()) {
      document(batch.getDocument()).replay(batch, segment.number());
    }
    addHot(segment);
  }

  private void addHot(Segment segment) {
    lastNumber = segment.number();
    int bytes = segment.encodedBytes();
    int operations = segment.batches().stream().mapToInt(OperationBatch::getOperationsCount).sum();
    Hot added = new Hot(segment.number(), bytes, Admission.hotBytes(operations, bytes));
    hot.add(added);
    hotBytes += added.bytes();
    context.admission().addHot(added.heapBytes());
  }

  private void removeHot() {
    Hot removed = hot.remove();
    hotBytes -= removed.bytes();
    context.admission().addHot(-removed.heapBytes());
  }

  private void dropHot() {
    while (!hot.isEmpty()) {
      removeHot();
    }
  }

  /** Bytes of operations that are in the log only. */
  public long hotBytes() {
    return hotBytes;
  }

  public int hotSegments() {
    return hot.size();
  }

  /** Whether segments were there at the takeover: what others wrote keeps their logs. */
  public boolean hasTaken() {
    return !hot.isEmpty() && hot.peek().number() <= taken;
  }

  /**
   * Archives the operations of the segments that were there at the call before, and takes them out
   * of the log. Fails with the first document that cannot be archived; the log then stays as it is.
   */
  public CompletableFuture<Trimmed> archive(long lockRevision) {
    long through = archivable;
    archivable = lastNumber;
    if (!serving || hot.isEmpty() || hot.peek().number() > through) {
      return CompletableFuture.completedFuture(Trimmed.DONE);
    }
    CompletableFuture<Boolean> archived = CompletableFuture.completedFuture(true);
    for (DocumentState document :
        documents.values().stream().filter(each -> each.hasHot(through)).toList()) {
      archived =
          archived.thenComposeAsync(
              owned ->
                  owned ? archive(document, through) : CompletableFuture.completedFuture(false),
              context.loop());
    }
    return archived
        .thenCompose(owned ->
            owned
                ? context.log().trim(new Trim(number, epoch, lockRevision, through))
                : CompletableFuture.completedFuture(Trimmed.FENCED))
        .thenApplyAsync(trimmed -> trimmed(trimmed, through), context.loop());
  }

  private static CompletableFuture<Boolean> archive(DocumentState document, long through) {
    return CompletableFuture.completedFuture(document)
        .thenCompose(each -> each.archive(through))
        .exceptionallyCompose(error ->
            CompletableFuture.failedFuture(
                new IllegalStateException("document " + document.id() + ": " + error, error)));
  }

  private Trimmed trimmed(Trimmed trimmed, long through) {
    if (trimmed == Trimmed.DONE) {
      while (!hot.isEmpty() && hot.peek().number() <= through) {
        removeHot();
      }
    }
    return trimmed;
  }

  public Optional<DocumentState> find(String id) {
    return Optional.ofNullable(documents.get(id));
  }

  public DocumentState document(String id) {
    return documents.computeIfAbsent(
        id,
        name -> {
          context.totals().documents(1);
          return new DocumentState(name, this);
        });
  }

  /** Against ids that were asked for but never written. */
  void forgetIfUnused(DocumentState document) {
    if (document.unused() && documents.remove(document.id(), document)) {
      context.totals().documents(-1);
      document.forgotten();
    }
  }

  /**
   * @param step of the request that made the operation
   */
  void stage(String document, Operation operation, SpanRef step) {
    writer.stage(document, operation, step);
    context.committer().staged(writer);
  }

  Timestamp now() {
    Instant now = context.clock().instant();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  /** Takes no further operations; those that wait are still committed. */
  public void stop() {
    serving = false;
  }

  /** Whether no operation waits for its commit. */
  public boolean isIdle() {
    return writer == null || writer.idle();
  }

  /** Drops everything; who waits is told. */
  public void lost() {
    serving = false;
    if (writer != null) {
      writer.close();
    }
    dropHot();
    // Who is told may be the last that kept its document.
    List.copyOf(documents.values()).forEach(DocumentState::lost);
    forgetAll();
  }

  @Override
  public void committed(Segment segment) {
    addHot(segment);
    for (OperationBatch batch : segment.batches()) {
      document(batch.getDocument()).committed(batch, segment.number());
    }
    if (writer.idle()) {
      listener.idle(this);
    }
  }

  @Override
  public void fenced() {
    listener.fenced(this);
  }
}
