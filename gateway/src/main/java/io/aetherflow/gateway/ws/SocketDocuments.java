package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.Right;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * What one socket does with documents: which it attached, what its token allows there, what waits
 * for an answer. Methods run on the socket's thread.
 */
final class SocketDocuments {
  private final Services services;
  private final Outbound out;
  private final Executor thread;
  private final Map<String, SocketSubscriber> attached = new HashMap<>();
  private final OperationsInFlight inFlight;
  private final SocketLocks locks;
  private Principal principal;
  private String session = "";
  private boolean paused;
  private boolean closed;

  SocketDocuments(Services services, Outbound out, Executor thread) {
    this.services = services;
    this.out = out;
    this.thread = thread;
    this.inFlight = services.operationsInFlight();
    this.locks = new SocketLocks(services.locks(), out, thread, services.blocking());
  }

  /** Must come before any message about a document. */
  void opened(String asSession, Principal who) {
    session = asSession;
    principal = who;
    locks.opened(who.user());
  }

  void onWritable() {
    attached.forEach(services.hub()::writable);
  }

  /** Reads on, unless operations in flight forbid it. */
  void resumeReading() {
    if (!paused) {
      out.resumeReading();
    }
  }

  void close() {
    closed = true;
    attached.forEach((document, subscriber) -> services.hub().detach(document, subscriber));
    attached.clear();
  }

  /** A fresh token may allow less: what it does not allow to read ends now. */
  void allow(Principal fresh) {
    principal = fresh;
    for (Map.Entry<String, SocketSubscriber> each : Map.copyOf(attached).entrySet()) {
      Set<Right> rights = principal.grants().on(each.getKey());
      each.getValue().rights(rights);
      if (!rights.contains(Right.WRITE)) {
        locks.left(each.getKey());
      }
      if (!rights.contains(Right.READ)) {
        detach(each.getKey());
        out.send(ServerJson.detached(OptionalLong.empty(), each.getKey()));
      }
    }
  }

  void onAttach(ClientMessage.AttachTo attach) {
    String document = attach.document();
    Set<Right> rights = principal.grants().on(document);
    boolean past = attach.from().seq() > 0 || attach.from().state();
    Right needed = past ? Right.HISTORY : Right.READ;
    if (!rights.contains(Right.READ) || !rights.contains(needed)) {
      error(attach.id(), "DENIED", "the token does not allow to " + needed.claim() + " it", false);
      return;
    }
    boolean isNew = !attached.containsKey(document);
    if (isNew && attached.size() >= services.limits().documentsPerSocket()) {
      error(
          attach.id(),
          "QUOTA",
          "a socket may attach " + services.limits().documentsPerSocket() + " documents",
          true);
      return;
    }
    SocketSubscriber subscriber =
        new SocketSubscriber(session, out, attach.id(), inFlight, this::onAnswered);
    subscriber.rights(rights);
    SocketSubscriber before = attached.put(document, subscriber);
    if (before != null) {
      before.mute();
    }
    services.hub().attach(document, subscriber, attach.from());
    if (before != null) {
      services.hub().detach(document, before);
    }
  }

  void onOp(ClientMessage.Op op) {
    String document = op.document();
    OperationDraft draft = op.draft();
    SocketSubscriber subscriber = attached.get(document);
    if (subscriber == null) {
      out.send(ServerJson.nack(document, draft.getClientSeq(), "NOT_ATTACHED", false));
      return;
    }
    if (!principal.grants().allows(document, Right.WRITE)) {
      services.metrics().error("DENIED");
      out.send(ServerJson.nack(document, draft.getClientSeq(), "DENIED", false));
      return;
    }
    if (!inFlight.add(document, draft.getClientSeq(), draft.getData().size())) {
      out.send(ServerJson.nack(document, draft.getClientSeq(), "QUOTA", true));
      return;
    }
    pauseWhileManyBytesAreInFlight();
    services.hub().submit(document, subscriber, principal.user(), draft);
  }

  void onTakeLock(ClientMessage.TakeLock lock) {
    if (mayLock(lock.id(), lock.document())) {
      locks.take(lock, session, principal.user());
    }
  }

  void onRenewLock(ClientMessage.RenewLock lock) {
    if (mayLock(lock.id(), lock.document())) {
      locks.renew(lock);
    }
  }

  void onGiveLock(ClientMessage.GiveLock lock) {
    if (mayLock(lock.id(), lock.document())) {
      locks.give(lock);
    }
  }

  private boolean mayLock(OptionalLong id, String document) {
    if (!attached.containsKey(document)) {
      error(id, "NOT_ATTACHED", "attach the document first", false);
      return false;
    }
    if (!principal.grants().allows(document, Right.WRITE)) {
      error(id, "DENIED", "the token does not allow to write it", false);
      return false;
    }
    return true;
  }

  /** The session is over, not just this connection. */
  void sessionEnded() {
    locks.ended();
  }

  /** Whether we hold the peer back. */
  boolean isPaused() {
    return paused;
  }

  /** Answers come no faster than the owner takes operations; TCP holds the peer back meanwhile. */
  private void pauseWhileManyBytesAreInFlight() {
    boolean many = inFlight.manyBytes();
    if (many != paused && !closed) {
      paused = many;
      if (many) {
        out.pauseReading();
      } else {
        out.resumeReading();
      }
    }
  }

  private void onAnswered() {
    thread.execute(this::pauseWhileManyBytesAreInFlight);
  }

  void onPresence(ClientMessage.PresenceOf presence) {
    if (!attached.containsKey(presence.document())) {
      error(presence.id(), "NOT_ATTACHED", "attach the document first", false);
      return;
    }
    if (!principal.grants().allows(presence.document(), Right.PRESENCE)) {
      error(presence.id(), "DENIED", "the token does not allow presence there", false);
      return;
    }
    services
        .hub()
        .presence(
            Presence.newBuilder()
                .setDocument(presence.document())
                .setClientId(session)
                .setUser(principal.user())
                .setData(presence.data())
                .build());
  }

  void onDetach(ClientMessage.DetachFrom detach) {
    detach(detach.document());
    out.send(ServerJson.detached(detach.id(), detach.document()));
  }

  private void detach(String document) {
    SocketSubscriber subscriber = attached.remove(document);
    if (subscriber != null) {
      locks.left(document);
      subscriber.mute();
      inFlight.removeAll(document);
      pauseWhileManyBytesAreInFlight();
      services.hub().detach(document, subscriber);
    }
  }

  private void error(OptionalLong id, String code, String text, boolean retryable) {
    services.metrics().error(code);
    out.send(ServerJson.error(id, code, text, retryable));
  }
}
