package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Page;
import io.aetherflow.statesync.log.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Collects one document's operations out of its shard's segments. */
final class OperationReader {
  /**
   * Which operations are wanted.
   *
   * @param fromSeq the first
   * @param toSeq the last
   * @param bytesMax end after the operation that reaches this many bytes
   */
  record Want(String document, long fromSeq, long toSeq, int operationsMax, int bytesMax) {}

  private final Want want;
  private final List<Operation> found = new ArrayList<>();
  private int bytes;

  private OperationReader(Want want) {
    this.want = want;
  }

  static List<Operation> pick(Want want, List<Segment> segments) {
    OperationReader reader = new OperationReader(want);
    segments.forEach(reader::take);
    return reader.found;
  }

  /**
   * @param fromNumber a segment at or before the first wanted operation's
   */
  static CompletableFuture<List<Operation>> read(
      Want want, OpLog log, int shard, long fromNumber, Executor loop) {
    return new OperationReader(want).readOn(log, shard, fromNumber, loop);
  }

  private CompletableFuture<List<Operation>> readOn(
      OpLog log, int shard, long fromNumber, Executor loop) {
    return log.read(shard, fromNumber)
        .thenComposeAsync(
            (Page page) -> {
              page.segments().forEach(this::take);
              return done() || !page.more()
                  ? CompletableFuture.completedFuture(found)
                  : readOn(log, shard, page.segments().getLast().number() + 1, loop);
            },
            loop);
  }

  private boolean done() {
    return found.size() >= want.operationsMax()
        || bytes >= want.bytesMax()
        || next() > want.toSeq();
  }

  private long next() {
    return want.fromSeq() + found.size();
  }

  private void take(Segment segment) {
    for (OperationBatch batch : segment.batches()) {
      if (batch.getDocument().equals(want.document())) {
        batch.getOperationsList().forEach(this::take);
      }
    }
  }

  private void take(Operation operation) {
    if (operation.getSeq() < want.fromSeq() || done()) {
      return;
    }
    if (operation.getSeq() != next()) {
      throw new IllegalStateException(
          "the log of "
              + want.document()
              + " has "
              + operation.getSeq()
              + " where "
              + next()
              + " belongs");
    }
    found.add(operation);
    bytes += operation.getSerializedSize();
  }
}
