package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Requests to one owner that its transport has no room for yet. Operations among them are bounded
 * by {@link PendingBudget} already; this bounds repetitions, presence and all else. On the hub's
 * thread.
 */
final class OutgoingRequests {
  /** An owner that lets this much wait is given up; what matters is sent again to the next. */
  static final long BYTES_MAX = 2 * PendingBudget.BYTES_MAX;

  /**
   * Of the document that has most presence waiting, the oldest makes room: against an owner that is
   * too slow for moving cursors, but not at the price of another document's goodbyes.
   */
  static final long PRESENCE_BYTES_MAX = 1 << 20;

  /** A request, and what is to be done when it waits no longer. */
  record Waiting(SyncRequest request, Runnable left) {}

  private final Deque<Waiting> requests = new ArrayDeque<>();

  /** By document, in the order of their turns. */
  private final Map<String, Presences> presences = new LinkedHashMap<>();

  private long bytes;
  private long presenceBytes;

  /** What waits of one document. */
  private static final class Presences {
    final Deque<SyncRequest> requests = new ArrayDeque<>();
    long bytes;

    void add(SyncRequest request) {
      requests.add(request);
      bytes += request.getSerializedSize();
    }

    SyncRequest remove() {
      SyncRequest request = requests.remove();
      bytes -= request.getSerializedSize();
      return request;
    }
  }

  void add(Waiting waiting) {
    requests.add(waiting);
    bytes += waiting.request().getSerializedSize();
  }

  void addPresence(SyncRequest presence) {
    String document = presence.getPresence().getDocument();
    presences.computeIfAbsent(document, _ -> new Presences()).add(presence);
    presenceBytes += presence.getSerializedSize();
    while (presenceBytes > PRESENCE_BYTES_MAX) {
      Map.Entry<String, Presences> largest =
          Collections.max(
              presences.entrySet(), Comparator.comparingLong(each -> each.getValue().bytes));
      presenceBytes -= largest.getValue().remove().getSerializedSize();
      if (largest.getValue().requests.isEmpty()) {
        presences.remove(largest.getKey());
      }
    }
  }

  /** The next to go; presence when nothing else waits. */
  Waiting remove() {
    if (requests.isEmpty()) {
      return new Waiting(removePresence(), () -> {});
    }
    Waiting waiting = requests.remove();
    bytes -= waiting.request().getSerializedSize();
    return waiting;
  }

  /** The oldest of the document whose turn it is. */
  private SyncRequest removePresence() {
    Map.Entry<String, Presences> turn = presences.entrySet().iterator().next();
    String document = turn.getKey();
    Presences waiting = turn.getValue();
    SyncRequest presence = waiting.remove();
    presenceBytes -= presence.getSerializedSize();
    presences.remove(document);
    if (!waiting.requests.isEmpty()) {
      presences.put(document, waiting);
    }
    return presence;
  }

  boolean isEmpty() {
    return requests.isEmpty() && presences.isEmpty();
  }

  /** Whether nothing waits but what may be lost. */
  boolean onlyPresence() {
    return requests.isEmpty();
  }

  boolean full() {
    return bytes > BYTES_MAX;
  }
}
