package io.aetherflow.statesync.commit;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.Segment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operations of one owned shard on their way into the log: staged, then frozen into one segment
 * in flight, then committed. Loop only.
 *
 * <p>Legal calls: {@link #stage} while open; {@link #freeze} with nothing in flight; {@link
 * #committed} with something in flight; {@link #close} at any time, after which nothing is heard of
 * the shard.
 */
public final class ShardWriter {
  /** Told what became of the shard. */
  public interface Listener {
    void committed(Segment segment);

    /** Another owns the shard; nothing staged or in flight was answered. */
    void fenced();
  }

  /** Upper bound of what framing adds to an operation: tags, lengths, epoch, first place. */
  private static final int OVERHEAD_BYTES = 64;

  /** How the transaction that stores an operation is called among the steps of its request. */
  private static final String COMMIT_SPAN = "etcd txn";

  private record Staged(String document, Operation operation, SpanRef step) {
    int bytes() {
      return operation.getSerializedSize() + document.length() + OVERHEAD_BYTES;
    }
  }

  private final int shard;
  private final long epoch;
  private final Listener listener;
  private final ArrayDeque<Staged> staged = new ArrayDeque<>();
  private final List<Span> commits = new ArrayList<>();
  private Segment inFlight;
  private long nextNumber;
  private boolean open = true;

  /**
   * @param nextNumber the number of the first segment to write
   */
  public ShardWriter(int shard, long epoch, long nextNumber, Listener listener) {
    this.shard = shard;
    this.epoch = epoch;
    this.nextNumber = nextNumber;
    this.listener = listener;
  }

  /**
   * @param document ASCII
   * @param step that the commit is a part of
   */
  public void stage(String document, Operation operation, SpanRef step) {
    if (!open) {
      throw new IllegalStateException("shard " + shard + " was given up");
    }
    staged.add(new Staged(document, operation, step));
  }

  /** Forgets what is staged; what is in flight ends unheard. */
  public void close() {
    open = false;
    staged.clear();
    commits.forEach(commit -> commit.fail("the shard was given up"));
    commits.clear();
  }

  /** Nothing staged, nothing in flight. */
  public boolean idle() {
    return staged.isEmpty() && inFlight == null;
  }

  boolean isOpen() {
    return open;
  }

  boolean hasStaged() {
    return !staged.isEmpty();
  }

  boolean inFlight() {
    return inFlight != null;
  }

  int shard() {
    return shard;
  }

  /** Puts as much as fits into one segment; empty when not even the first operation does. */
  Optional<ShardAppend> freeze(int bytesLeft, Tracing tracing) {
    if (inFlight != null) {
      throw new IllegalStateException("shard " + shard + " has an append in flight");
    }
    Map<String, OperationBatch.Builder> batches = new LinkedHashMap<>();
    int left = bytesLeft;
    while (!staged.isEmpty() && staged.peek().bytes() <= left) {
      Staged next = staged.poll();
      left -= next.bytes();
      begin(next, tracing);
      batches
          .computeIfAbsent(
              next.document(),
              document ->
                  OperationBatch.newBuilder()
                      .setDocument(document)
                      .setEpoch(epoch)
                      .setFirstSeq(next.operation().getSeq()))
          .addOperations(next.operation());
    }
    if (batches.isEmpty()) {
      return Optional.empty();
    }
    inFlight =
        new Segment(
            nextNumber, batches.values().stream().map(OperationBatch.Builder::build).toList());
    return Optional.of(new ShardAppend(shard, epoch, inFlight));
  }

  private void begin(Staged staged, Tracing tracing) {
    Span commit = tracing.under(staged.step(), Span.Kind.CLIENT, COMMIT_SPAN);
    if (commit.recorded()) {
      commit
          .tag("db.system.name", "etcd")
          .tag("aetherflow.shard", shard)
          .tag("aetherflow.seq", staged.operation().getSeq());
      commits.add(commit);
    }
  }

  void committed() {
    Segment segment = inFlight;
    inFlight = null;
    commits.forEach(Span::end);
    commits.clear();
    nextNumber = segment.number() + 1;
    if (open) {
      listener.committed(segment);
    }
  }

  void fenced() {
    inFlight = null;
    if (open) {
      close();
      listener.fenced();
    }
  }
}
