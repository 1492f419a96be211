package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.gateway.GrpcErrors;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.hub.LockClient;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks of one socket's session. A session that ends, or leaves a document, gives its locks up;
 * one whose connection is lost keeps them until they expire, for it may be resumed. Methods run on
 * the socket's thread.
 */
final class SocketLocks {
  private static final Logger LOG = LoggerFactory.getLogger(SocketLocks.class);

  private record Name(String document, String lock) {}

  /** A lock asked for; compared by identity. */
  private static final class Asked {
    final Name name;

    /** The session left the document since. */
    boolean left;

    Asked(Name name) {
      this.name = name;
    }
  }

  private final LockClient client;
  private final Outbound out;
  private final Executor thread;
  private final Executor blocking;
  private final Map<Name, Long> tokens = new HashMap<>();

  /** Calls whose answers have not come. */
  private final Set<Asked> asked = new HashSet<>();

  private String user = "";
  private boolean over;

  SocketLocks(LockClient client, Outbound out, Executor thread, Executor blocking) {
    this.client = client;
    this.out = out;
    this.thread = thread;
    this.blocking = blocking;
  }

  /** Whose session it is; must come before any message. */
  void opened(String asUser) {
    user = asUser;
  }

  void take(ClientMessage.TakeLock wanted, String session, String user) {
    AcquireLockRequest request =
        AcquireLockRequest.newBuilder()
            .setDocument(wanted.document())
            .setLock(wanted.lock())
            .setClientId(session)
            .setUser(user)
            .setTtlMillis(wanted.ttlMillis())
            .build();
    ask(wanted.id(), new Name(wanted.document(), wanted.lock()), () -> client.acquire(request));
  }

  void renew(ClientMessage.RenewLock held) {
    RenewLockRequest request =
        RenewLockRequest.newBuilder()
            .setDocument(held.document())
            .setLock(held.lock())
            .setToken(held.token())
            .setUser(user)
            .build();
    ask(held.id(), new Name(held.document(), held.lock()), () -> client.renew(request));
  }

  private void ask(OptionalLong id, Name name, Supplier<Lock> call) {
    Asked ask = new Asked(name);
    asked.add(ask);
    blocking.execute(
        Traced.wrap(() -> {
          try {
            Lock lock = call.get();
            thread.execute(() -> locked(id, ask, lock));
          } catch (StatusRuntimeException e) {
            thread.execute(() -> asked.remove(ask));
            refused(id, e);
          }
        }));
  }

  private void locked(OptionalLong id, Asked ask, Lock lock) {
    asked.remove(ask);
    if (over || ask.left && !isAskedAgain(ask.name)) {
      giveUp(ask.name, lock.getToken());
      out.send(ServerJson.error(id, "LOCK_LOST", "given up with the document meanwhile", false));
      return;
    }
    tokens.merge(ask.name, lock.getToken(), Math::max);
    out.send(ServerJson.locked(id, ask.name.document(), lock));
  }

  /** Its holder is given the same lock again: giving it up would take it from the later request. */
  private boolean isAskedAgain(Name name) {
    return tokens.containsKey(name)
        || asked.stream().anyMatch(each -> !each.left && each.name.equals(name));
  }

  void give(ClientMessage.GiveLock held) {
    Name name = new Name(held.document(), held.lock());
    tokens.remove(name, held.token());
    blocking.execute(
        Traced.wrap(() -> {
          try {
            client.release(release(name, held.token()));
            out.send(ServerJson.unlocked(held.id(), held.document(), held.lock()));
          } catch (StatusRuntimeException e) {
            refused(held.id(), e);
          }
        }));
  }

  private void refused(OptionalLong id, StatusRuntimeException e) {
    String reason = GrpcErrors.reason(e);
    boolean known = !reason.isEmpty();
    String text = String.valueOf(e.getStatus().getDescription());
    out.send(
        ServerJson.error(
            id, known ? reason : "UNAVAILABLE", text, !known || reason.equals("QUOTA")));
  }

  /** The session left the document, or may no longer write it. */
  void left(String document) {
    for (Asked each : asked) {
      each.left |= each.name.document().equals(document);
    }
    Map.copyOf(tokens)
        .forEach((name, token) -> {
          if (name.document().equals(document)) {
            giveUp(name, token);
          }
        });
  }

  /** The session is over. */
  void ended() {
    over = true;
    Map.copyOf(tokens).forEach(this::giveUp);
  }

  private void giveUp(Name name, long token) {
    tokens.remove(name);
    blocking.execute(
        Traced.wrap(() -> {
          try {
            client.release(release(name, token));
          } catch (StatusRuntimeException e) {
            LOG.debug("Lock {} is left to expire: {}", name, e.getStatus());
          }
        }));
  }

  private ReleaseLockRequest release(Name name, long token) {
    return ReleaseLockRequest.newBuilder()
        .setDocument(name.document())
        .setLock(name.lock())
        .setToken(token)
        .setUser(user)
        .build();
  }
}
