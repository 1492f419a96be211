package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.DocumentIds;
import io.aetherflow.gateway.auth.AuthException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * {@code /yjs/{doc}} for unmodified Yjs providers. Refusals come after the handshake, as close
 * codes that providers understand: a browser tells its page nothing of a refused handshake.
 */
public final class YjsEndpoint {
  public static final String PATH = "/yjs/";

  private final Vertx vertx;
  private final WebSocketEndpoint door;
  private final Services services;
  private final AwarenessRooms rooms;

  /**
   * @param door whose limits on sockets and origins hold here too
   */
  public YjsEndpoint(Vertx vertx, WebSocketEndpoint door, LongSupplier nowNs) {
    this.vertx = vertx;
    this.door = door;
    this.services = door.services();
    this.rooms = new AwarenessRooms(nowNs);
  }

  /** Handles a request below {@link #PATH} on its event loop. */
  public void handle(HttpServerRequest request) {
    // The router also sends /yjs itself here.
    if (!request.path().startsWith(PATH)) {
      request.response().setStatusCode(404).end();
      return;
    }
    door.prepared(request, () -> door.admit(request, socket -> open(request, socket)));
  }

  private Runnable open(HttpServerRequest request, ServerWebSocket socket) {
    Context context = vertx.getOrCreateContext();
    VertxOutbound out =
        new VertxOutbound(
            vertx, context, socket, services.limits().queueBytes(), services.metrics());
    String document =
        URLDecoder.decode(
            request.path().substring(PATH.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
    YjsSession session =
        new YjsSession(
            services, rooms, out, task -> context.runOnContext(_ -> task.run()), document);
    out.handlers(session::onWritable, session::onSlow);
    socket.binaryMessageHandler(message -> session.onFrame(message.getBytes()));
    socket.textMessageHandler(_ -> session.onText());
    socket.pongHandler(_ -> session.onPong());
    if (!DocumentIds.valid(document)) {
      session.deny(CloseCode.YJS_NOT_FOUND, "a document id is " + DocumentIds.RULE);
      return session::onClosed;
    }
    try {
      session.start(services.tokens().verify(HandshakeToken.of(request).orElse("")));
    } catch (AuthException e) {
      session.deny(CloseCode.YJS_TOKEN, e.getMessage());
    }
    return session::onClosed;
  }
}
