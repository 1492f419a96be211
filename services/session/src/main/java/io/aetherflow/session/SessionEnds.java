package io.aetherflow.session;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells gateways which of their sessions ended: deleted, revoked, expired or moved to another
 * gateway. Fed with the whole map of sessions after each change; a gateway that reads too slowly
 * loses its stream and must ask about its sessions anew.
 */
final class SessionEnds {
  private final Map<ServerCallStreamObserver<SessionEnded>, String> watchers =
      new ConcurrentHashMap<>();
  private volatile SortedMap<String, StoredSession> last = new TreeMap<>();

  void watch(String gateway, ServerCallStreamObserver<SessionEnded> observer) {
    observer.setOnCancelHandler(() -> watchers.remove(observer));
    watchers.put(observer, gateway);
  }

  /** Called by one thread. */
  void changed(SortedMap<String, Versioned> entries) {
    SortedMap<String, StoredSession> now = new TreeMap<>();
    entries.forEach((key, entry) ->
        now.put(key.substring(EtcdKeys.SESSIONS.length()), StoredSession.fromJson(entry.value())));
    last.forEach((key, before) -> compare(before, now.get(key)));
    last = now;
  }

  /** Sessions there are, of all gateways. */
  int sessions() {
    return last.size();
  }

  private void compare(StoredSession before, StoredSession after) {
    if (after == null) {
      tell(before, "ended");
    } else if (!after.gateway().equals(before.gateway())) {
      tell(before, "moved");
    }
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
