package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.session.SessionGateway;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol of one socket: who it is, what it attached, what it may still send. Methods run on
 * the socket's thread.
 */
final class SocketSession implements OpenSocket {
  private static final Logger LOG = LoggerFactory.getLogger(SocketSession.class);

  private final Services services;
  private final Outbound out;
  private final Executor thread;
  private final Map<String, SocketSubscriber> attached = new HashMap<>();
  private final OperationsInFlight inFlight;

  private State state = new State.AwaitingHello();
  private Principal principal;
  private Outbound.Timer expiry = () -> {};
  private final Liveness liveness = new Liveness();
  private boolean paused;

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
    this.inFlight =
        new OperationsInFlight(
            services.limits().operationsInFlight(), services.limits().operationBytesInFlight());
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
    liveness.heard();
    services.metrics().message();
    if (text.length() > services.limits().frameBytes()) {
      close(CloseCode.TOO_LARGE, "message exceeds " + services.limits().frameBytes() + " bytes");
      return;
    }
    if (principal != null && !services.rates().allow(principal.user())) {
      close(CloseCode.RATE, "more than " + services.limits().messagesPerSecond() + " messages/s");
      return;
    }
    Traced.run(RequestId.create().toString(), () -> parse(text));
  }

  private void parse(String text) {
    try {
      ClientMessage message = MessageParser.parse(text);
      LOG.atDebug()
          .addKeyValue("action", "ws_message")
          .log("{}", message.getClass().getSimpleName());
      onMessage(message);
    } catch (MessageParser.BadMessage e) {
      error(e.id, "BAD_MESSAGE", e.getMessage(), false);
    }
  }

  void onPong() {
    liveness.heard();
  }

  void onBinary() {
    liveness.heard();
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
  public void heartbeat() {
    if (liveness.heartbeat()) {
      out.ping();
    } else {
      close(CloseCode.SILENT, "no sign of life; connect again and resume");
    }
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
      case ClientMessage.Auth auth ->
          prepared(
              auth.token(),
              () -> {
                if (state == open) {
                  onAuth(open, auth);
                }
              });
      case ClientMessage.Ping ping -> out.send(ServerJson.pong(ping.id()));
      case ClientMessage.AttachTo attach -> onAttach(open, attach);
      case ClientMessage.Op op -> onOp(op);
      case ClientMessage.PresenceOf presence -> onPresence(open, presence);
      case ClientMessage.DetachFrom detach -> onDetach(detach);
    }
  }

  private void onHello(ClientMessage.Hello hello) {
    prepared(
        hello.token(),
        () -> {
          if (!(state instanceof State.AwaitingHello)) {
            return;
          }
          try {
            open(hello.id(), services.tokens().verify(hello.token()), hello.resume());
          } catch (AuthException e) {
            close(CloseCode.DENIED, e.getMessage());
          }
        });
  }

  /** Goes on when the token can be judged; takes no message of the peer meanwhile. */
  private void prepared(String token, Runnable next) {
    CompletableFuture<Void> ready = services.tokens().prepare(token).toCompletableFuture();
    if (ready.isDone()) {
      next.run();
      return;
    }
    out.pauseReading();
    Runnable goOn =
        Traced.wrap(() -> {
          if (!paused) {
            out.resumeReading();
          }
          next.run();
        });
    ready.whenComplete((_, _) -> thread.execute(goOn));
  }

  private void open(OptionalLong id, Principal who, Optional<ClientMessage.Resume> resume) {
    if (!services.rates().join(who.user())) {
      close(CloseCode.RATE, "more than " + services.limits().socketsPerUser() + " sockets");
      return;
    }
    principal = who;
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
      applyRights();
    } catch (AuthException e) {
      error(auth.id(), "DENIED", e.getMessage(), true);
    }
  }

  /** A fresh token may allow less: what it does not allow to read ends now. */
  private void applyRights() {
    for (Map.Entry<String, SocketSubscriber> each : Map.copyOf(attached).entrySet()) {
      Set<Right> rights = principal.grants().on(each.getKey());
      each.getValue().rights(rights);
      if (!rights.contains(Right.READ)) {
        detach(each.getKey());
        out.send(ServerJson.detached(OptionalLong.empty(), each.getKey()));
      }
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
        new SocketSubscriber(open.session(), out, attach.id(), inFlight, this::onAnswered);
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

  private void onOp(ClientMessage.Op op) {
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

  /** Answers come no faster than the owner takes operations; TCP holds the peer back meanwhile. */
  private void pauseWhileManyBytesAreInFlight() {
    boolean many = inFlight.manyBytes();
    if (many != paused && state instanceof State.Open) {
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

  private void onPresence(State.Open open, ClientMessage.PresenceOf presence) {
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
                .setClientId(open.session())
                .setUser(principal.user())
                .setData(presence.data())
                .build());
  }

  private void onDetach(ClientMessage.DetachFrom detach) {
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
