package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import java.util.ArrayList;
import java.util.List;

/** Collects a document's operations out of batches. */
final class OperationReader {
  /**
   * Which operations are wanted.
   *
   * @param fromSeq the first
   * @param toSeq the last
   * @param bytesMax end after the operation that reaches this many bytes
   */
  record Want(long fromSeq, long toSeq, int operationsMax, int bytesMax) {}

  private final Want want;
  private final List<Operation> found = new ArrayList<>();
  private int bytes;

  private OperationReader(Want want) {
    this.want = want;
  }

  /**
   * @param batches in order
   */
  static List<Operation> pick(Want want, Iterable<OperationBatch> batches) {
    OperationReader reader = new OperationReader(want);
    for (OperationBatch batch : batches) {
      if (reader.done()) {
        break;
      }
      int skip = (int) Math.max(0, reader.next() - batch.getFirstSeq());
      for (int i = skip; i < batch.getOperationsCount() && !reader.done(); i++) {
        reader.take(batch.getOperations(i));
      }
    }
    return reader.found;
  }

  private boolean done() {
    return found.size() >= want.operationsMax()
        || bytes >= want.bytesMax()
        || next() > want.toSeq();
  }

  private long next() {
    return want.fromSeq() + found.size();
  }

  private void take(Operation operation) {
    if (operation.getSeq() != next()) {
      throw new IllegalStateException(
          operation.getSeq() + " is stored where " + next() + " belongs");
    }
    found.add(operation);
    bytes += operation.getSerializedSize();
  }
}
