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

  private final Map<Key, Entry> entries = new LinkedHashMap<>();

  record Key(String clientId, long clientSeq) {}

  /** {@code submitter} is replaced when the client sends the operation again on a new socket. */
  static final class Entry {
    final String user;
    final OperationDraft draft;
    Subscriber submitter;
    long sentNs;

    Entry(Subscriber submitter, String user, OperationDraft draft, long sentNs) {
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
          .build();
    }
  }

  Optional<Entry> find(String clientId, long clientSeq) {
    return Optional.ofNullable(entries.get(new Key(clientId, clientSeq)));
  }

  boolean full() {
    return entries.size() >= PENDING_MAX;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  Entry add(Subscriber submitter, String user, OperationDraft draft, long nowNs) {
    Entry entry = new Entry(submitter, user, draft, nowNs);
    entries.put(new Key(submitter.clientId(), draft.getClientSeq()), entry);
    return entry;
  }

  Optional<Entry> remove(String clientId, long clientSeq) {
    return Optional.ofNullable(entries.remove(new Key(clientId, clientSeq)));
  }

  Collection<Map.Entry<Key, Entry>> inOrder() {
    return entries.entrySet();
  }

  /** True when the operation sent longest ago has waited since before {@code deadlineNs}. */
  boolean anySentBefore(long deadlineNs) {
    return entries.values().stream().anyMatch(entry -> entry.sentNs - deadlineNs < 0);
  }
}
