package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Presence on its way to one owner; may be lost. Documents take turns. Every method takes the same
 * time however many documents there are. On the hub's thread.
 */
final class WaitingPresence {
  /**
   * Of a document that has at least half as much waiting as any other, the oldest makes room:
   * against an owner that is too slow for moving cursors, but not at the price of another
   * document's goodbyes.
   */
  static final long BYTES_MAX = 1 << 20;

  /** By document, in the order of their turns. */
  private final Map<String, OfDocument> documents = new LinkedHashMap<>();

  /** At n those with n significant bits in the number of their bytes. */
  private final List<Set<OfDocument>> bySize = new ArrayList<>();

  private long bytes;

  private static final class OfDocument {
    final Deque<SyncRequest> requests = new ArrayDeque<>();
    long bytes;
  }

  WaitingPresence() {
    for (int bits = 0; bits <= Long.SIZE; bits++) {
      bySize.add(new LinkedHashSet<>(2));
    }
  }

  boolean isEmpty() {
    return documents.isEmpty();
  }

  void add(SyncRequest presence) {
    OfDocument waiting = documents.computeIfAbsent(documentOf(presence), _ -> new OfDocument());
    waiting.requests.add(presence);
    grow(waiting, presence.getSerializedSize());
    while (bytes > BYTES_MAX) {
      OfDocument large = large();
      SyncRequest dropped = removeOldest(large);
      if (large.requests.isEmpty()) {
        documents.remove(documentOf(dropped));
      }
    }
  }

  /** The oldest of the document whose turn it is; not when empty. */
  SyncRequest remove() {
    String document = documents.keySet().iterator().next();
    OfDocument waiting = documents.remove(document);
    SyncRequest presence = removeOldest(waiting);
    if (!waiting.requests.isEmpty()) {
      documents.put(document, waiting);
    }
    return presence;
  }

  private static String documentOf(SyncRequest presence) {
    return presence.getPresence().getDocument();
  }

  private OfDocument large() {
    int bits = Long.SIZE;
    while (bySize.get(bits).isEmpty()) {
      bits--;
    }
    return bySize.get(bits).iterator().next();
  }

  private SyncRequest removeOldest(OfDocument from) {
    SyncRequest oldest = from.requests.remove();
    grow(from, -oldest.getSerializedSize());
    return oldest;
  }

  private void grow(OfDocument waiting, long by) {
    ofSize(waiting.bytes).remove(waiting);
    waiting.bytes += by;
    bytes += by;
    if (waiting.bytes > 0) {
      ofSize(waiting.bytes).add(waiting);
    }
  }

  private Set<OfDocument> ofSize(long size) {
    return bySize.get(Long.SIZE - Long.numberOfLeadingZeros(size));
  }
}
