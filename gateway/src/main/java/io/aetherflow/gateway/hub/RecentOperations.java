package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The newest operations of a document, so that quick reconnects need no read from the owner. */
final class RecentOperations {
  /** Caps memory per attached document against writers of many small operations. */
  static final int OPERATIONS_MAX = 512;

  /** Caps memory per attached document against writers of large operations. */
  static final int BYTES_MAX = 128 * 1024;

  private final ArrayDeque<Operation> operations = new ArrayDeque<>();
  private long bytes;

  void add(Operation operation) {
    operations.addLast(operation);
    bytes += operation.getData().size();
    while (operations.size() > OPERATIONS_MAX || bytes > BYTES_MAX) {
      bytes -= operations.removeFirst().getData().size();
    }
  }

  void clear() {
    operations.clear();
    bytes = 0;
  }

  /** The lowest sequence number held, or {@code last + 1} when nothing is. */
  long firstSeq(long last) {
    return operations.isEmpty() ? last + 1 : operations.getFirst().getSeq();
  }

  List<Operation> from(long seq) {
    List<Operation> tail = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.getSeq() >= seq) {
        tail.add(operation);
      }
    }
    return tail;
  }
}
