package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.GatewayMetrics;
import io.aetherflow.gateway.Limits;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.hub.DocumentHub;
import io.aetherflow.gateway.hub.LockClient;
import io.aetherflow.gateway.session.SessionGateway;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handshake of {@code /ws}: origin, number of sockets, token; then the socket's protocol. */
public final class WebSocketEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketEndpoint.class);

  private final Vertx vertx;
  private final Services services;
  private final Origins origins;
  private final AtomicInteger sockets = new AtomicInteger();
  private volatile boolean draining;

  public WebSocketEndpoint(
      Vertx vertx,
      Limits limits,
      Origins origins,
      TokenVerifier tokens,
      SessionGateway sessions,
      SocketRegistry registry,
      DocumentHub hub,
      LockClient locks,
      Executor blocking,
      GatewayMetrics metrics,
      Clock clock,
      LongSupplier nowNs) {
    this.vertx = vertx;
    this.origins = origins;
    this.services =
        new Services(
            limits,
            tokens,
            sessions,
            registry,
            hub,
            locks,
            blocking,
            new MessageRates(
                limits.messagesPerSecond(), limits.messageBurst(), limits.socketsPerUser(), nowNs),
            metrics,
            clock,
            nowNs);
    metrics.activeSessions(registry::size);
  }

  Services services() {
    return services;
  }

  /** Handles a request to /ws on its event loop. */
  public void handle(HttpServerRequest request) {
    prepared(request, () -> handlePrepared(request));
  }

  /** Goes on, on the request's event loop, when the handshake's token can be judged. */
  void prepared(HttpServerRequest request, Runnable next) {
    CompletableFuture<Void> ready =
        services.tokens().prepare(HandshakeToken.of(request).orElse("")).toCompletableFuture();
    if (ready.isDone()) {
      next.run();
      return;
    }
    Context context = vertx.getOrCreateContext();
    request.pause();
    ready.whenComplete((_, _) ->
        context.runOnContext(_ -> {
          request.resume();
          next.run();
        }));
  }

  private void handlePrepared(HttpServerRequest request) {
    try {
      Optional<Principal> known = principalOf(request);
      Optional<ClientMessage.Resume> resume = resumeOf(request);
      admit(request, socket -> open(socket, known, resume));
    } catch (AuthException e) {
      refuse(request, 401, e.getMessage());
    }
  }

  /**
   * Turns the request into a socket unless there are reasons not to.
   *
   * @param opened starts the protocol of the socket
   */
  void admit(HttpServerRequest request, Function<NettySocket, Inbound> opened) {
    if (!origins.allow(request)) {
      refuse(request, 403, "origin is not allowed");
    } else if (draining || sockets.get() >= services.limits().sockets()) {
      refuse(request, 503, "this gateway takes no more sockets; try again");
    } else if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      refuse(request, 426, "this is a WebSocket endpoint");
    } else {
      sockets.incrementAndGet();
      request
          .toWebSocket()
          .onSuccess(_ -> takeOver(request.connection(), opened))
          .onFailure(_ -> sockets.decrementAndGet());
    }
  }

  private void takeOver(HttpConnection connection, Function<NettySocket, Inbound> opened) {
    Limits limits = services.limits();
    NettySocket socket;
    try {
      socket =
          NettySocket.takeOver(
              connection, limits.hardFrameBytes(), limits.queueBytes(), services.metrics());
    } catch (RuntimeException e) {
      LOG.error("cannot take over a socket", e);
      sockets.decrementAndGet();
      connection.close();
      return;
    }
    // Before anything else can fail: a socket that is counted must be given back.
    socket.onGone(sockets::decrementAndGet);
    try {
      socket.start(opened.apply(socket));
    } catch (RuntimeException e) {
      LOG.error("cannot start a socket", e);
      socket.abort();
    }
  }

  /** Starts to ping the sockets. */
  public void startHeartbeat() {
    vertx.setPeriodic(
        services.limits().heartbeat().toMillis(),
        _ -> services.registry().forEach(OpenSocket::heartbeat));
  }

  /** Tells every client to reconnect elsewhere and closes their sockets, spread over the time. */
  public void drain(long overMillis, RandomGenerator random) {
    draining = true;
    services
        .registry()
        .forEach(socket -> {
          long after = random.nextLong(Math.max(1, overMillis));
          socket.drain(after, after + 500);
        });
  }

  private Inbound open(
      NettySocket socket, Optional<Principal> known, Optional<ClientMessage.Resume> resume) {
    SocketSession session = new SocketSession(services, socket, socket.thread());
    session.start(known, resume);
    return session;
  }

  private Optional<Principal> principalOf(HttpServerRequest request) throws AuthException {
    Optional<String> token = HandshakeToken.of(request);
    return token.isEmpty() ? Optional.empty() : Optional.of(services.tokens().verify(token.get()));
  }

  private static Optional<ClientMessage.Resume> resumeOf(HttpServerRequest request) {
    String session = request.getParam("resume");
    String token = request.getParam("resume_token");
    return session == null || token == null
        ? Optional.empty()
        : Optional.of(new ClientMessage.Resume(session, token));
  }

  private static void refuse(HttpServerRequest request, int status, String why) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(why + "\n");
  }
}
