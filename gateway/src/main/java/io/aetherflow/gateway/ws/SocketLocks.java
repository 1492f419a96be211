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
import java.util.Map;
import java.util.OptionalLong;
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

  private final LockClient client;
  private final Outbound out;
  private final Executor thread;
  private final Executor blocking;
  private final Map<Name, Long> tokens = new HashMap<>();
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
    ask(wanted.id(), wanted.document(), () -> client.acquire(request));
  }

  void renew(ClientMessage.RenewLock held) {
    RenewLockRequest request =
        RenewLockRequest.newBuilder()
            .setDocument(held.document())
            .setLock(held.lock())
            .setToken(held.token())
            .setUser(user)
            .build();
    ask(held.id(), held.document(), () -> client.renew(request));
  }

  private void ask(OptionalLong id, String document, Supplier<Lock> call) {
    blocking.execute(
        Traced.wrap(() -> {
          try {
            Lock lock = call.get();
            thread.execute(() -> locked(id, document, lock));
          } catch (StatusRuntimeException e) {
            refused(id, e);
          }
        }));
  }

  private void locked(OptionalLong id, String document, Lock lock) {
    Name name = new Name(document, lock.getLock());
    if (over) {
      giveUp(name, lock.getToken());
    } else {
      tokens.put(name, lock.getToken());
      out.send(ServerJson.locked(id, document, lock));
    }
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

  /** The session left the document. */
  void left(String document) {
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
