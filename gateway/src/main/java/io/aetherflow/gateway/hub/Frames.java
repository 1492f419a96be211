package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Operation;
import java.util.ArrayList;
import java.util.List;

/** Cuts runs of operations into frames of bounded size. */
final class Frames {
  /** Caps one outgoing frame, so that a replay does not fill a socket's queue at one stroke. */
  static final int OPERATIONS_MAX = 256;

  /** The same for large operations; one operation may exceed it and travels alone. */
  static final int BYTES_MAX = 256 * 1024;

  private Frames() {}

  static List<OperationsFrame> of(String document, long epoch, List<Operation> operations) {
    List<OperationsFrame> frames = new ArrayList<>();
    int from = 0;
    int bytes = 0;
    for (int i = 0; i < operations.size(); i++) {
      int size = operations.get(i).getData().size();
      boolean full = i - from >= OPERATIONS_MAX || bytes + size > BYTES_MAX;
      if (full && i > from) {
        frames.add(new OperationsFrame(document, epoch, operations.subList(from, i)));
        from = i;
        bytes = 0;
      }
      bytes += size;
    }
    if (from < operations.size()) {
      frames.add(new OperationsFrame(document, epoch, operations.subList(from, operations.size())));
    }
    return frames;
  }
}
