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
  private Principal principal;
  private String session = "";
  private boolean paused;
  private boolean closed;

  SocketDocuments(Services services, Outbound out, Executor thread) {
    this.services = services;
    this.out = out;
    this.thread = thread;
    this.inFlight = services.operationsInFlight();
  }

  /** Must come before any message about a document. */
  void opened(String asSession, Principal who) {
    session = asSession;
    principal = who;
  }

  void onWritable() {
    attached.values().forEach(services.hub()::writable);
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
      if (!rights.contains(Right.READ)) {
        detach(each.getKey());
        out.send(ServerJson.detached(OptionalLong.empty(), each.getKey()));
      }
    }
  }

  void onAttach(ClientMessage.AttachTo attach) {
    String document = attach.document();
    Set<Right> rights = principal.grants().on(document);
    Right needed = attach.fromSeq() > 0 ? Right.HISTORY : Right.READ;
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
    services.hub().attach(document, subscriber, attach.fromSeq(), attach.epoch());
    if (before != null) {
      services.hub().detach(document, before);
    }
  }

  void onOp(ClientMessage.Op op) {
    SocketSubscriber subscriber = attached.get(op.document());
    if (subscriber == null) {
      out.send(ServerJson.nack(op.document(), op.clientSeq(), "NOT_ATTACHED", false));
      return;
    }
    if (!principal.grants().allows(op.document(), Right.WRITE)) {
      services.metrics().error("DENIED");
      out.send(ServerJson.nack(op.document(), op.clientSeq(), "DENIED", false));
      return;
    }
    if (!inFlight.add(op.document(), op.clientSeq(), op.data().size())) {
      out.send(ServerJson.nack(op.document(), op.clientSeq(), "QUOTA", true));
      return;
    }
    pauseWhileManyBytesAreInFlight();
    services
        .hub()
        .submit(
            op.document(),
            subscriber,
            principal.user(),
            OperationDraft.newBuilder()
                .setClientSeq(op.clientSeq())
                .setBaseSeq(op.baseSeq())
                .setData(op.data())
                .build());
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
