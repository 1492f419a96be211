package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.session.SessionGateway;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

/**
 * The protocol of one socket: who it is, what it attached, what it may still send. Methods run on
 * the socket's thread.
 */
final class SocketSession implements OpenSocket {
  private final Services services;
  private final Outbound out;
  private final Executor thread;
  private final Map<String, SocketSubscriber> attached = new HashMap<>();
  private final OperationsInFlight inFlight;

  private State state = new State.AwaitingHello();
  private Principal principal;
  private Outbound.Timer expiry = () -> {};

  private sealed interface State {
    record AwaitingHello() implements State {}

    /** The session service has been asked. */
    record Opening(OptionalLong id) implements State {}

    record Open(String session, String resumeToken) implements State {}

    record Closed() implements State {}
  }

  SocketSession(Services services, Outbound out, Executor thread) {
    this.services = services;
    this.out = out;
    this.thread = thread;
    this.inFlight = new OperationsInFlight(services.limits().operationsInFlight());
  }

  /** Starts the protocol; {@code known} comes from a token in the handshake. */
  void start(Optional<Principal> known, Optional<ClientMessage.Resume> resume) {
    if (known.isPresent()) {
      open(OptionalLong.empty(), known.get(), resume);
      return;
    }
    out.after(
        services.limits().helloTimeout().toMillis(),
        () -> {
          if (state instanceof State.AwaitingHello) {
            close(CloseCode.DENIED, "no hello within the time allowed");
          }
        });
  }

  void onText(String text) {
    if (state instanceof State.Closed) {
      return;
    }
    services.metrics().message();
    if (text.length() > services.limits().frameBytes()) {
      close(CloseCode.TOO_LARGE, "message exceeds " + services.limits().frameBytes() + " bytes");
      return;
    }
    if (principal != null && !services.rates().allow(principal.user())) {
      close(CloseCode.RATE, "more than " + services.limits().messagesPerSecond() + " messages/s");
      return;
    }
    try {
      onMessage(MessageParser.parse(text));
    } catch (MessageParser.BadMessage e) {
      error(e.id, "BAD_MESSAGE", e.getMessage(), false);
    }
  }

  void onBinary() {
    error(OptionalLong.empty(), "BAD_MESSAGE", "binary messages are not part of /ws", false);
  }

  /** The peer or the network closed the socket. */
  void onClosed(boolean onPurpose) {
    if (onPurpose && state instanceof State.Open open) {
      services.sessions().end(open.session());
    }
    release();
  }

  void onWritable() {
    attached.values().forEach(services.hub()::writable);
  }

  /** The peer reads too slowly; what it misses it gets by attaching again. */
  void onSlow() {
    close(CloseCode.SLOW, "the outgoing queue is full; reconnect and attach from your last seq");
  }

  @Override
  public void onSessionEnded(String reason) {
    close(CloseCode.DENIED, reason);
  }

  @Override
  public void drain(long reconnectAfterMillis, long closeAfterMillis) {
    if (state instanceof State.Closed) {
      return;
    }
    out.send(ServerJson.reconnect(reconnectAfterMillis));
    out.after(closeAfterMillis, () -> close(CloseCode.DRAIN, "this gateway is stopping"));
  }

  private void onMessage(ClientMessage message) {
    switch (state) {
      case State.AwaitingHello() -> {
        if (message instanceof ClientMessage.Hello hello) {
          onHello(hello);
        } else {
          close(CloseCode.DENIED, "the first message must be hello");
        }
      }
      case State.Opening(OptionalLong _) ->
          error(message.id(), "NOT_READY", "wait for welcome", true);
      case State.Open open -> onMessage(open, message);
      case State.Closed() -> {}
    }
  }

  private void onMessage(State.Open open, ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello ->
          error(hello.id(), "ALREADY_OPEN", "this socket has its session already", false);
      case ClientMessage.Auth auth -> onAuth(open, auth);
      case ClientMessage.Ping ping -> out.send(ServerJson.pong(ping.id()));
      case ClientMessage.AttachTo attach -> onAttach(open, attach);
      case ClientMessage.Op op -> onOp(op);
      case ClientMessage.PresenceOf presence -> onPresence(open, presence);
      case ClientMessage.DetachFrom detach -> onDetach(detach);
    }
  }

  private void onHello(ClientMessage.Hello hello) {
    try {
      open(hello.id(), services.tokens().verify(hello.token()), hello.resume());
    } catch (AuthException e) {
      close(CloseCode.DENIED, e.getMessage());
    }
  }

  private void open(OptionalLong id, Principal who, Optional<ClientMessage.Resume> resume) {
    principal = who;
    services.rates().join(who.user());
    state = new State.Opening(id);
    out.pauseReading();
    if (resume.isPresent()) {
      ClientMessage.Resume wanted = resume.get();
      services
          .sessions()
          .resume(
              who.user(),
              wanted.session(),
              wanted.token(),
              result -> thread.execute(() -> onOpened(result, true)));
    } else {
      create();
    }
  }

  private void create() {
    services
        .sessions()
        .create(principal.user(), result -> thread.execute(() -> onOpened(result, false)));
  }

  private void onOpened(SessionGateway.Result result, boolean resumed) {
    if (!(state instanceof State.Opening opening)) {
      if (result instanceof SessionGateway.Result.Opened opened && !resumed) {
        services.sessions().end(opened.session());
      }
      return;
    }
    switch (result) {
      case SessionGateway.Result.Opened opened -> {
        State.Open open = new State.Open(opened.session(), opened.resumeToken());
        state = open;
        services.registry().opened(opened.session(), this, thread);
        out.send(ServerJson.welcome(opening.id(), welcome(open, resumed), services.limits()));
        armExpiry();
        out.resumeReading();
      }
      case SessionGateway.Result.Refused() -> {
        if (resumed) {
          create();
        } else {
          close(CloseCode.DENIED, "the session service refused the session");
        }
      }
      case SessionGateway.Result.Unavailable(String why) -> {
        error(opening.id(), "UNAVAILABLE", why, true);
        close(CloseCode.DRAIN, "no session can be opened at the moment");
      }
    }
  }

  private void onAuth(State.Open open, ClientMessage.Auth auth) {
    try {
      Principal fresh = services.tokens().verify(auth.token());
      if (!fresh.user().equals(principal.user())) {
        error(auth.id(), "DENIED", "the token is another user's; open a new socket", false);
        return;
      }
      principal = fresh;
      armExpiry();
      out.send(ServerJson.welcome(auth.id(), welcome(open, true), services.limits()));
    } catch (AuthException e) {
      error(auth.id(), "DENIED", e.getMessage(), true);
    }
  }

  private ServerJson.Welcome welcome(State.Open open, boolean resumed) {
    Duration left = Duration.between(services.clock().instant(), principal.expiresAt());
    return new ServerJson.Welcome(
        open.session(),
        open.resumeToken(),
        resumed,
        principal.user(),
        Math.max(0, left.toSeconds()));
  }

  private void armExpiry() {
    expiry.cancel();
    Instant deadline = principal.expiresAt().plus(services.limits().authGrace());
    long millis = Duration.between(services.clock().instant(), deadline).toMillis();
    expiry = out.after(Math.max(1, millis), this::onExpiry);
  }

  private void onExpiry() {
    close(CloseCode.AUTH_EXPIRED, "the token expired; connect again with a new one");
  }

  private void onAttach(State.Open open, ClientMessage.AttachTo attach) {
    String document = attach.document();
    boolean isNew = !attached.containsKey(document);
    if (isNew && attached.size() >= services.limits().documentsPerSocket()) {
      error(
          attach.id(),
          "QUOTA",
          "a socket may attach " + services.limits().documentsPerSocket() + " documents",
          true);
      return;
    }
    SocketSubscriber subscriber = new SocketSubscriber(open.session(), out, attach.id(), inFlight);
    SocketSubscriber before = attached.put(document, subscriber);
    if (before != null) {
      before.mute();
    }
    services.hub().attach(document, subscriber, attach.fromSeq(), attach.epoch());
    if (before != null) {
      services.hub().detach(document, before);
    }
  }

  private void onOp(ClientMessage.Op op) {
    SocketSubscriber subscriber = attached.get(op.document());
    if (subscriber == null) {
      out.send(ServerJson.nack(op.document(), op.clientSeq(), "NOT_ATTACHED", false));
      return;
    }
    if (!inFlight.add(op.document(), op.clientSeq())) {
      out.send(ServerJson.nack(op.document(), op.clientSeq(), "QUOTA", true));
      return;
    }
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

  private void onPresence(State.Open open, ClientMessage.PresenceOf presence) {
    if (!attached.containsKey(presence.document())) {
      error(presence.id(), "NOT_ATTACHED", "attach the document first", false);
      return;
    }
    services
        .hub()
        .presence(
            Presence.newBuilder()
                .setDocument(presence.document())
                .setClientId(open.session())
                .setUser(principal.user())
                .setData(presence.data())
                .build());
  }

  private void onDetach(ClientMessage.DetachFrom detach) {
    SocketSubscriber subscriber = attached.remove(detach.document());
    if (subscriber != null) {
      subscriber.mute();
      inFlight.removeAll(detach.document());
      services.hub().detach(detach.document(), subscriber);
    }
    out.send(ServerJson.detached(detach.id(), detach.document()));
  }

  private void error(OptionalLong id, String code, String text, boolean retryable) {
    services.metrics().error(code);
    out.send(ServerJson.error(id, code, text, retryable));
  }

  private void close(CloseCode code, String reason) {
    if (!(state instanceof State.Closed)) {
      release();
      out.close(code, reason);
    }
  }

  private void release() {
    if (state instanceof State.Closed) {
      return;
    }
    if (state instanceof State.Open open) {
      services.registry().closed(open.session(), this);
    }
    if (principal != null) {
      services.rates().leave(principal.user());
    }
    state = new State.Closed();
    expiry.cancel();
    attached.forEach((document, subscriber) -> services.hub().detach(document, subscriber));
    attached.clear();
  }
}
