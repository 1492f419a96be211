package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Requests to one owner that its transport has no room for yet. Operations among them are bounded
 * by {@link PendingBudget} already; this bounds repetitions and all else, {@link WaitingPresence}
 * bounds presence. On the hub's thread.
 */
final class OutgoingRequests {
  /** An owner that lets this much wait is given up; what matters is sent again to the next. */
  static final long BYTES_MAX = 2 * PendingBudget.BYTES_MAX;

  /** A request, and what is to be done when it waits no longer. */
  record Waiting(SyncRequest request, Runnable left) {}

  private final Deque<Waiting> requests = new ArrayDeque<>();
  private final WaitingPresence presence = new WaitingPresence();
  private long bytes;

  void add(Waiting waiting) {
    requests.add(waiting);
    bytes += waiting.request().getSerializedSize();
  }

  void addPresence(SyncRequest request) {
    presence.add(request);
  }

  /** The next to go; presence when nothing else waits. */
  Waiting remove() {
    if (requests.isEmpty()) {
      return new Waiting(presence.remove(), () -> {});
    }
    Waiting waiting = requests.remove();
    bytes -= waiting.request().getSerializedSize();
    return waiting;
  }

  boolean isEmpty() {
    return requests.isEmpty() && presence.isEmpty();
  }

  /** Whether nothing waits but what may be lost. */
  boolean onlyPresence() {
    return requests.isEmpty();
  }

  boolean full() {
    return bytes > BYTES_MAX;
  }
}
