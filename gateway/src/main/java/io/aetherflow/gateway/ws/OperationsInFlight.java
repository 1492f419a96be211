package io.aetherflow.gateway.ws;

import java.util.HashSet;
import java.util.Set;

/** The unanswered operations of one socket; added on its thread, removed on the hub's. */
final class OperationsInFlight {
  private final int max;
  private final Set<Key> keys = new HashSet<>();

  private record Key(String document, long clientSeq) {}

  OperationsInFlight(int max) {
    this.max = max;
  }

  /** False when the socket has too many already; one sent twice counts once. */
  synchronized boolean add(String document, long clientSeq) {
    Key key = new Key(document, clientSeq);
    if (keys.contains(key)) {
      return true;
    }
    return keys.size() < max && keys.add(key);
  }

  synchronized void remove(String document, long clientSeq) {
    keys.remove(new Key(document, clientSeq));
  }

  synchronized int size() {
    return keys.size();
  }

  synchronized void removeAll(String document) {
    keys.removeIf(key -> key.document().equals(document));
  }
}
