package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.OperationDraft;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Operations of this gateway's clients without an answer yet, in the order they came. They are sent
 * again, in that order, to whoever owns the document next; (client id, client sequence) makes that
 * harmless.
 */
final class PendingOperations {
  /** Caps memory per document while its owner is slow or being replaced. */
  static final int PENDING_MAX = 4096;

  /** Caps the same against few large operations. */
  static final long BYTES_MAX = 8L * 1024 * 1024;

  private final Map<Key, Entry> entries = new LinkedHashMap<>();
  private final PendingBudget budget;
  private long bytes;

  PendingOperations(PendingBudget budget) {
    this.budget = budget;
  }

  record Key(String clientId, long clientSeq) {}

  /** {@code submitter} is replaced when the client sends the operation again on a new socket. */
  static final class Entry {
    final String user;
    final OperationDraft draft;
    final MessageTrace trace;
    Subscriber submitter;
    long sentNs;

    Entry(
        Subscriber submitter, String user, OperationDraft draft, MessageTrace trace, long sentNs) {
      this.trace = trace;
      this.submitter = submitter;
      this.user = user;
      this.draft = draft;
      this.sentNs = sentNs;
    }

    ApplyOperationsRequest request(String document, String clientId) {
      return ApplyOperationsRequest.newBuilder()
          .setDocument(document)
          .setClientId(clientId)
          .setUser(user)
          .addOperations(draft)
          .setGuuid(trace.guuid())
          .setParentSpan(trace.span().id())
          .build();
    }
  }

  Optional<Entry> find(String clientId, long clientSeq) {
    return Optional.ofNullable(entries.get(new Key(clientId, clientSeq)));
  }

  /** Takes the room for an operation that {@link #add} then brings; false when there is none. */
  boolean reserve(int size) {
    return entries.size() < PENDING_MAX && bytes + size <= BYTES_MAX && budget.take(size);
  }

  /** Nobody waits for the answers any more. */
  void clear() {
    entries.values().forEach(entry -> entry.trace.span().fail("nobody waits for the answer"));
    entries.clear();
    budget.give(bytes);
    bytes = 0;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  Entry add(
      Subscriber submitter, String user, OperationDraft draft, MessageTrace trace, long nowNs) {
    Entry entry = new Entry(submitter, user, draft, trace, nowNs);
    entries.put(new Key(submitter.clientId(), draft.getClientSeq()), entry);
    bytes += draft.getData().size();
    return entry;
  }

  Optional<Entry> remove(String clientId, long clientSeq) {
    Entry entry = entries.remove(new Key(clientId, clientSeq));
    if (entry != null) {
      bytes -= entry.draft.getData().size();
      budget.give(entry.draft.getData().size());
    }
    return Optional.ofNullable(entry);
  }

  Collection<Map.Entry<Key, Entry>> inOrder() {
    return entries.entrySet();
  }

  /** True when the operation sent longest ago has waited since before {@code deadlineNs}. */
  boolean anySentBefore(long deadlineNs) {
    return entries.values().stream().anyMatch(entry -> entry.sentNs - deadlineNs < 0);
  }
}
