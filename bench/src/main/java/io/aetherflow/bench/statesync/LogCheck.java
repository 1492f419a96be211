package io.aetherflow.bench.statesync;

import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.aetherflow.bench.BenchFailure;
import java.util.BitSet;

/** Reads every document again and compares it with what was acknowledged. */
final class LogCheck {
  private final SyncServiceBlockingStub stub;

  LogCheck(SyncServiceBlockingStub stub) {
    this.stub = stub;
  }

  /**
   * @throws BenchFailure when an acknowledged operation is missing, doubled or elsewhere
   */
  void check(OpenLoop load, String client, int documents) {
    BitSet found = new BitSet();
    for (int document = 0; document < documents; document++) {
      check(load, client, OpenLoop.document(document), found);
    }
    for (int i = 0; i < load.sent(); i++) {
      if (load.place(i) > 0 && !found.get(i)) {
        throw new BenchFailure("Operation " + i + " was acknowledged and is not in the log.");
      }
    }
  }

  private void check(OpenLoop load, String client, String document, BitSet found) {
    long next = 1;
    long head;
    do {
      ListOperationsResponse page =
          stub.listOperations(
              ListOperationsRequest.newBuilder().setDocument(document).setFromSeq(next).build());
      head = page.getHead();
      if (page.getOperationsCount() == 0 && next <= head) {
        throw new BenchFailure(document + " ends before its head " + head + ".");
      }
      for (Operation operation : page.getOperationsList()) {
        if (operation.getSeq() != next++) {
          throw new BenchFailure(document + " has a hole at " + (next - 1) + ".");
        }
        if (operation.getClientId().equals(client)) {
          check(load, client, operation, found);
        }
      }
    } while (next <= head);
  }

  private static void check(OpenLoop load, String client, Operation operation, BitSet found) {
    int i = (int) operation.getClientSeq() - 1;
    long acknowledged = load.place(i);
    if (found.get(i)
        || (acknowledged != 0 && acknowledged != operation.getSeq())
        || !operation.getData().equals(OpenLoop.data(client, i))) {
      throw new BenchFailure("Operation " + i + " is stored otherwise than acknowledged.");
    }
    found.set(i);
  }
}
