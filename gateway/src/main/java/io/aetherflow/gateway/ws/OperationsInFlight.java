package io.aetherflow.gateway.ws;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** The unanswered operations of one socket; added on its thread, removed on the hub's. */
final class OperationsInFlight {
  private final int operationsMax;
  private final int bytesMax;
  private final LongSupplier nowNs;
  private final LongConsumer storedWithinNs;
  private final Map<Key, Waiting> waiting = new HashMap<>();
  private long bytes;

  private record Key(String document, long clientSeq) {}

  private record Waiting(int size, long sinceNs) {}

  /**
   * @param storedWithinNs told how long each stored operation waited
   */
  OperationsInFlight(
      int operationsMax, int bytesMax, LongSupplier nowNs, LongConsumer storedWithinNs) {
    this.operationsMax = operationsMax;
    this.bytesMax = bytesMax;
    this.nowNs = nowNs;
    this.storedWithinNs = storedWithinNs;
  }

  /** False when the socket has too many already; one sent twice counts once. */
  synchronized boolean add(String document, long clientSeq, int size) {
    Key key = new Key(document, clientSeq);
    if (waiting.containsKey(key)) {
      return true;
    }
    if (waiting.size() >= operationsMax || bytes + size > bytesMax) {
      return false;
    }
    waiting.put(key, new Waiting(size, nowNs.getAsLong()));
    bytes += size;
    return true;
  }

  void stored(String document, long clientSeq) {
    Waiting answered = take(document, clientSeq);
    if (answered != null) {
      storedWithinNs.accept(nowNs.getAsLong() - answered.sinceNs());
    }
  }

  void remove(String document, long clientSeq) {
    take(document, clientSeq);
  }

  /** Null when it does not wait. */
  private synchronized Waiting take(String document, long clientSeq) {
    Waiting answered = waiting.remove(new Key(document, clientSeq));
    if (answered != null) {
      bytes -= answered.size();
    }
    return answered;
  }

  synchronized void removeAll(String document) {
    for (Iterator<Map.Entry<Key, Waiting>> each = waiting.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<Key, Waiting> entry = each.next();
      if (entry.getKey().document().equals(document)) {
        bytes -= entry.getValue().size();
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
    return waiting.size() > operationsMax / 2 || manyBytes();
  }
}
