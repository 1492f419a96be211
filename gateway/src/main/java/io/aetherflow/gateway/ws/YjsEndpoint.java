package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.DocumentIds;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.hub.StateClient;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * {@code /yjs/{doc}} for unmodified Yjs providers. Refusals come after the handshake, as close
 * codes that providers understand: a browser tells its page nothing of a refused handshake.
 */
public final class YjsEndpoint {
  public static final String PATH = "/yjs/";

  private final WebSocketEndpoint door;
  private final Services services;
  private final AwarenessRooms rooms;
  private final YjsStates states;

  /**
   * @param door whose limits on sockets and origins hold here too
   */
  public YjsEndpoint(WebSocketEndpoint door, StateClient stored, LongSupplier nowNs) {
    this.door = door;
    this.services = door.services();
    this.rooms = new AwarenessRooms(nowNs);
    this.states = new YjsStates(stored::put, services.blocking(), nowNs);
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

  private Inbound open(HttpServerRequest request, NettySocket socket) {
    String document =
        URLDecoder.decode(
            request.path().substring(PATH.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
    YjsSession session = new YjsSession(services, rooms, states, socket, socket.thread(), document);
    if (!DocumentIds.valid(document)) {
      session.deny(CloseCode.YJS_NOT_FOUND, "a document id is " + DocumentIds.RULE);
      return session;
    }
    try {
      session.start(services.tokens().verify(HandshakeToken.of(request).orElse("")));
    } catch (AuthException e) {
      session.deny(CloseCode.YJS_TOKEN, e.getMessage());
    }
    return session;
  }
}
