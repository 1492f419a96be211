package io.aetherflow.gateway.ws;

import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The token of a handshake. Browsers cannot set headers on one, so it may also come as query
 * parameter or among the subprotocols; the latter stay out of access logs.
 */
public final class HandshakeToken {
  /** Offered beside the token's own subprotocol, and the one the server selects. */
  public static final String SUBPROTOCOL = "aetherflow";

  private static final String BEARER = "bearer.";
  private static final List<String> PARAMETERS = List.of("access_token", "token");

  private HandshakeToken() {}

  static Optional<String> of(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Optional.of(header.substring(7).strip());
    }
    String offered = request.getHeader("Sec-WebSocket-Protocol");
    if (offered != null) {
      Optional<String> token =
          Arrays.stream(offered.split(","))
              .map(String::strip)
              .filter(each -> each.startsWith(BEARER))
              .map(each -> each.substring(BEARER.length()))
              .findFirst();
      if (token.isPresent()) {
        return token;
      }
    }
    return PARAMETERS.stream().map(request::getParam).filter(each -> each != null).findFirst();
  }
}
