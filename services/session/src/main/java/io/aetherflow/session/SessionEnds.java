package io.aetherflow.session;

import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells gateways which of their sessions ended: deleted, revoked, expired or moved to another
 * gateway. A gateway that reads too slowly loses its stream and must ask about its sessions anew.
 */
final class SessionEnds {
  private static final Logger LOG = LoggerFactory.getLogger(SessionEnds.class);

  private final Map<ServerCallStreamObserver<SessionEnded>, String> watchers =
      new ConcurrentHashMap<>();

  /** By key; belongs to the one thread that tells of changes. */
  private final Map<String, StoredSession> last = new HashMap<>();

  private final Map<String, Integer> ofUsers = new ConcurrentHashMap<>();
  private volatile int sessions;

  void watch(String gateway, ServerCallStreamObserver<SessionEnded> observer) {
    observer.setOnCancelHandler(() -> watchers.remove(observer));
    watchers.put(observer, gateway);
  }

  /**
   * Called by one thread. Looks at nothing but what has changed: in a storm of reconnects there are
   * thousands of sessions and as many changes.
   */
  void changed(SortedMap<String, Versioned> entries, Set<String> keys) {
    for (String key : keys) {
      try {
        changed(key, entries.get(key));
      } catch (RuntimeException e) {
        // The others of this transaction must be told of all the same.
        LOG.atWarn()
            .addKeyValue("action", "session_unreadable")
            .log("{} holds no session; ignored: {}", key, e.getMessage());
      }
    }
    sessions = last.size();
  }

  private void changed(String key, Versioned entry) {
    if (entry == null) {
      Optional.ofNullable(last.remove(key)).ifPresent(this::ended);
      return;
    }
    StoredSession after = StoredSession.fromJson(entry.value());
    Optional.ofNullable(last.put(key, after))
        .ifPresentOrElse(
            before -> changed(before, after), () -> ofUsers.merge(after.user(), 1, Integer::sum));
  }

  private void ended(StoredSession session) {
    ofUsers.computeIfPresent(session.user(), (_, count) -> count == 1 ? null : count - 1);
    tell(session, "ended");
  }

  private void changed(StoredSession before, StoredSession after) {
    if (!before.gateway().equals(after.gateway())) {
      tell(before, "moved");
    }
  }

  /** Sessions of one user, as far as etcd has told. Any thread. */
  int sessions(String user) {
    return ofUsers.getOrDefault(user, 0);
  }

  /** Sessions there are, of all gateways. Any thread. */
  int sessions() {
    return sessions;
  }

  private void tell(StoredSession session, String reason) {
    SessionEnded ended =
        SessionEnded.newBuilder()
            .setId(session.id())
            .setUser(session.user())
            .setReason(reason)
            .build();
    watchers.forEach((observer, gateway) -> {
      if (gateway.equals(session.gateway())) {
        send(observer, ended);
      }
    });
  }

  private void send(ServerCallStreamObserver<SessionEnded> observer, SessionEnded ended) {
    if (observer.isReady()) {
      observer.onNext(ended);
    } else {
      watchers.remove(observer);
      observer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("read too slowly; ask about your sessions anew")
              .asRuntimeException());
    }
  }
}
