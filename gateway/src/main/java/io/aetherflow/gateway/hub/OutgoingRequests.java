package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Requests to one owner that its transport has no room for yet. Operations among them are bounded
 * by {@link PendingBudget} already; this bounds repetitions, presence and all else. On the hub's
 * thread.
 */
final class OutgoingRequests {
  /** An owner that lets this much wait is given up; what matters is sent again to the next. */
  static final long BYTES_MAX = 2 * PendingBudget.BYTES_MAX;

  /** Of presence the oldest makes room: against an owner that is too slow for moving cursors. */
  static final long PRESENCE_BYTES_MAX = 1 << 20;

  /** A request, and what is to be done when it waits no longer. */
  record Waiting(SyncRequest request, Runnable left) {}

  private final Deque<Waiting> requests = new ArrayDeque<>();
  private final Deque<SyncRequest> presences = new ArrayDeque<>();
  private long bytes;
  private long presenceBytes;

  void add(Waiting waiting) {
    requests.add(waiting);
    bytes += waiting.request().getSerializedSize();
  }

  void addPresence(SyncRequest presence) {
    presences.add(presence);
    presenceBytes += presence.getSerializedSize();
    while (presenceBytes > PRESENCE_BYTES_MAX) {
      removePresence();
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

  private SyncRequest removePresence() {
    SyncRequest presence = presences.remove();
    presenceBytes -= presence.getSerializedSize();
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
