package io.aetherflow.statesync.document;

import com.google.protobuf.Timestamp;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.commit.ShardWriter;
import io.aetherflow.statesync.log.OpLog.Page;
import io.aetherflow.statesync.log.Segment;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private final int number;
  private final long epoch;
  private final ShardContext context;
  private final Listener listener;
  private final Map<String, DocumentState> documents = new HashMap<>();
  private final RecentSegments recent = new RecentSegments();
  private long firstNumber;
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

  /** Reads on in the log from where it stopped; after that the shard serves. */
  public CompletableFuture<Void> load() {
    return context.log().read(number, lastNumber + 1).thenComposeAsync(this::take, context.loop());
  }

  /** As {@link #load()}, with the page at {@link #nextNumber} read already. */
  public CompletableFuture<Void> load(Page first) {
    return CompletableFuture.completedFuture(first).thenCompose(this::take);
  }

  private CompletableFuture<Void> take(Page page) {
    page.segments().forEach(this::replay);
    if (page.more()) {
      return load();
    }
    writer = new ShardWriter(number, epoch, lastNumber + 1, this);
    serving = true;
    return CompletableFuture.completedFuture(null);
  }

  /** Where the log is to be read on. */
  public long nextNumber() {
    return lastNumber + 1;
  }

  private void replay(Segment segment) {
    if (firstNumber == 0) {
      firstNumber = segment.number();
    } else if (segment.number() != lastNumber + 1) {
      throw new IllegalStateException(
          "the log of shard "
              + number
              + " has a hole: segment "
              + segment.number()
              + " follows "
              + lastNumber);
    }
    for (OperationBatch batch : segment.batches()) {
      document(batch.getDocument()).replay(batch, segment.number(), firstNumber > 1);
    }
    lastNumber = segment.number();
    recent.add(segment);
  }

  public DocumentState document(String id) {
    return documents.computeIfAbsent(id, name -> new DocumentState(name, this));
  }

  /** Against ids that were asked for but never written. */
  void forgetIfUnused(DocumentState document) {
    if (document.unused()) {
      documents.remove(document.id(), document);
    }
  }

  void stage(String document, Operation operation) {
    writer.stage(document, operation);
    context.committer().staged(writer);
  }

  Timestamp now() {
    Instant now = context.clock().instant();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  CompletableFuture<List<Operation>> read(OperationReader.Want want, long fromNumber) {
    if (recent.reachBack(fromNumber)) {
      return CompletableFuture.completedFuture(OperationReader.pick(want, recent.from(fromNumber)));
    }
    return OperationReader.read(want, context.log(), number, fromNumber, context.loop());
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
    documents.values().forEach(DocumentState::lost);
    documents.clear();
  }

  @Override
  public void committed(Segment segment) {
    recent.add(segment);
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
