package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.Operation;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the order of a document's operations says beside their data: the last one that holds, the
 * conflicts that are open, the locks that are held. Applying a part of the log again that was
 * applied before leads to the same. Not thread-safe.
 */
final class Ledger {
  private long effectiveSeq;
  private SortedSet<Long> conflicts = Collections.emptySortedSet();
  private TreeMap<String, Lock> locks;

  /** Begins where {@link #writeTo} ended. */
  void restore(DocumentSnapshot snapshot) {
    effectiveSeq = snapshot.getEffectiveSeq();
    if (snapshot.getConflictsCount() > 0) {
      conflicts = new TreeSet<>(snapshot.getConflictsList());
    }
    snapshot.getLocksList().forEach(this::hold);
  }

  void writeTo(DocumentSnapshot.Builder snapshot) {
    snapshot.setEffectiveSeq(effectiveSeq).addAllConflicts(conflicts).addAllLocks(locks());
  }

  /** The last operation that holds, 0 before the first: what a writer must have seen. */
  long effectiveSeq() {
    return effectiveSeq;
  }

  SortedSet<Long> conflicts() {
    return Collections.unmodifiableSortedSet(conflicts);
  }

  Collection<Lock> locks() {
    return locks == null ? Collections.emptyList() : locks.values();
  }

  Optional<Lock> lock(String name) {
    return locks == null ? Optional.empty() : Optional.ofNullable(locks.get(name));
  }

  /** A lock that is held under a token, which all may see, by this user. */
  Optional<Lock> lock(String name, long token, String user) {
    return lock(name).filter(held -> held.getToken() == token && held.getUser().equals(user));
  }

  void apply(Operation operation) {
    switch (operation.getEventCase()) {
      case CONFLICT -> {
        if (conflicts.isEmpty()) {
          conflicts = new TreeSet<>();
        }
        conflicts.add(operation.getSeq());
      }
      case RESOLUTION -> {
        if (!conflicts.isEmpty()) {
          conflicts.remove(operation.getResolution().getSeq());
        }
        if (!operation.getData().isEmpty()) {
          effectiveSeq = operation.getSeq();
        }
      }
      case LOCK -> apply(operation.getLock(), operation.getUser());
      case RESTORE, EVENT_NOT_SET -> effectiveSeq = operation.getSeq();
    }
  }

  private void apply(LockEvent event, String user) {
    switch (event.getKind()) {
      case TAKEN ->
          hold(
              Lock.newBuilder()
                  .setLock(event.getLock())
                  .setToken(event.getToken())
                  .setClientId(event.getClientId())
                  .setUser(user)
                  .setTtlMillis(event.getTtlMillis())
                  .build());
      case RELEASED, EXPIRED -> {
        if (lock(event.getLock()).filter(held -> held.getToken() == event.getToken()).isPresent()) {
          locks.remove(event.getLock());
        }
      }
      case KIND_UNSPECIFIED, UNRECOGNIZED -> {}
    }
  }

  private void hold(Lock lock) {
    if (locks == null) {
      locks = new TreeMap<>();
    }
    locks.put(lock.getLock(), lock);
  }
}
