package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.session.SessionGateway;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol of one socket: who it is, what it attached, what it may still send. Methods run on
 * the socket's thread.
 */
final class SocketSession implements OpenSocket, Inbound {
  private static final Logger LOG = LoggerFactory.getLogger(SocketSession.class);

  private final Services services;
  private final Outbound out;
  private final Executor thread;
  private final SocketDocuments documents;

  private State state = new State.AwaitingHello();
  private Principal principal;
  private Outbound.Timer expiry = () -> {};
  private final Liveness liveness = new Liveness();

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
    this.documents = new SocketDocuments(services, out, thread);
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

  @Override
  public void onText(String text) {
    if (state instanceof State.Closed) {
      return;
    }
    liveness.heard();
    services.metrics().message();
    if (text.length() > services.limits().frameBytes()) {
      close(CloseCode.TOO_LARGE, "message exceeds " + services.limits().frameBytes() + " bytes");
      return;
    }
    if (isWithinRate()) {
      Traced.run(RequestId.create().toString(), () -> parse(text));
    }
  }

  /** A user's messages of every kind count; a socket without a user yet has its hello timeout. */
  private boolean isWithinRate() {
    if (principal == null || services.rates().allow(principal.user())) {
      return true;
    }
    close(CloseCode.RATE, "more than " + services.limits().messagesPerSecond() + " messages/s");
    return false;
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

  @Override
  public void onPong() {
    liveness.heard();
  }

  @Override
  public void onBinary(byte[] message) {
    liveness.heard();
    if (isWithinRate()) {
      error(OptionalLong.empty(), "BAD_MESSAGE", "binary messages are not part of /ws", false);
    }
  }

  @Override
  public void onClosed(boolean onPurpose) {
    if (onPurpose && state instanceof State.Open open) {
      services.sessions().end(open.session());
      documents.sessionEnded();
    }
    release();
  }

  @Override
  public void onWritable() {
    documents.onWritable();
  }

  /** The peer reads too slowly; what it misses it gets by attaching again. */
  @Override
  public void onSlow() {
    close(CloseCode.SLOW, "the outgoing queue is full; reconnect and attach from your last seq");
  }

  @Override
  public void onSessionEnded(String reason) {
    close(CloseCode.DENIED, reason);
  }

  @Override
  public void heartbeat() {
    if (documents.isPaused()) {
      // Its pongs wait behind what we do not read.
      liveness.heard();
    }
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
          throw new IllegalStateException("a message was taken while reading rests");
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
      case ClientMessage.AttachTo attach -> documents.onAttach(attach);
      case ClientMessage.Op op -> documents.onOp(op);
      case ClientMessage.TakeLock lock -> documents.onTakeLock(lock);
      case ClientMessage.RenewLock lock -> documents.onRenewLock(lock);
      case ClientMessage.GiveLock lock -> documents.onGiveLock(lock);
      case ClientMessage.PresenceOf presence -> documents.onPresence(presence);
      case ClientMessage.DetachFrom detach -> documents.onDetach(detach);
    }
  }

  private void onHello(ClientMessage.Hello hello) {
    // From here on the issuer, not the peer, is who may be slow.
    state = new State.Opening(hello.id());
    prepared(
        hello.token(),
        () -> {
          if (!(state instanceof State.Opening)) {
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
          documents.resumeReading();
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
        documents.opened(opened.session(), principal);
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
      documents.allow(fresh);
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
    documents.close();
  }
}
