package io.aetherflow.gateway.ws;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** The unanswered operations of one socket; added on its thread, removed on the hub's. */
final class OperationsInFlight {
  private final int operationsMax;
  private final int bytesMax;
  private final Map<Key, Integer> sizes = new HashMap<>();
  private long bytes;

  private record Key(String document, long clientSeq) {}

  OperationsInFlight(int operationsMax, int bytesMax) {
    this.operationsMax = operationsMax;
    this.bytesMax = bytesMax;
  }

  /** False when the socket has too many already; one sent twice counts once. */
  synchronized boolean add(String document, long clientSeq, int size) {
    Key key = new Key(document, clientSeq);
    if (sizes.containsKey(key)) {
      return true;
    }
    if (sizes.size() >= operationsMax || bytes + size > bytesMax) {
      return false;
    }
    sizes.put(key, size);
    bytes += size;
    return true;
  }

  synchronized void remove(String document, long clientSeq) {
    Integer size = sizes.remove(new Key(document, clientSeq));
    if (size != null) {
      bytes -= size;
    }
  }

  synchronized void removeAll(String document) {
    for (Iterator<Map.Entry<Key, Integer>> each = sizes.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<Key, Integer> entry = each.next();
      if (entry.getKey().document().equals(document)) {
        bytes -= entry.getValue();
        each.remove();
      }
    }
  }

  /** Whether the bytes are past half their bound. */
  synchronized boolean manyBytes() {
    return bytes > bytesMax / 2;
  }

  /** Whether the operations or the bytes are past half their bound. */
  synchronized boolean much() {
    return sizes.size() > operationsMax / 2 || manyBytes();
  }
}
