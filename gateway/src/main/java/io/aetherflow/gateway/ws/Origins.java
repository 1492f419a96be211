package io.aetherflow.gateway.ws;

import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pages may open sockets: those of the gateway's own host and those of a list. Programs send
 * no Origin and are allowed; their token speaks for them.
 *
 * @param allowed such as {@code https://app.example.com}
 */
public record Origins(Set<String> allowed) {

  /** Reads a comma-separated list; empty means same origin only. */
  public static Origins parse(String list) {
    return new Origins(
        Arrays.stream(list.split(","))
            .map(each -> each.strip().toLowerCase(Locale.ROOT))
            .filter(each -> !each.isEmpty())
            .collect(Collectors.toUnmodifiableSet()));
  }

  boolean allow(HttpServerRequest request) {
    return allow(request.getHeader("Origin"), request.getHeader("Host"));
  }

  boolean allow(String origin, String host) {
    if (origin == null) {
      return true;
    }
    if (allowed.contains(origin.toLowerCase(Locale.ROOT))) {
      return true;
    }
    try {
      return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
