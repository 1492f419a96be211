package io.aetherflow.e2e.collab;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * What a cluster calls outside itself, on this machine: a collector of spans and an issuer of
 * tokens. Thread-safe.
 */
public final class OutsideServer implements AutoCloseable {
  public static final String ISSUER = "https://issuer.example";

  /** A span's trace id without dashes, and the service that told it. */
  private record Told(String trace, String service) {}

  private final HttpServer server;
  private final Set<Told> told = ConcurrentHashMap.newKeySet();
  private final CopyOnWriteArrayList<RSAKey> published = new CopyOnWriteArrayList<>();

  public OutsideServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/traces", this::takeSpans);
    server.createContext("/keys", this::publish);
    server.start();
  }

  /** Base URL. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Makes a key and publishes it beside those before. */
  public RSAKey newKey() {
    try {
      RSAKey key = new RSAKeyGenerator(2048).keyID("key-" + published.size()).generate();
      published.add(key);
      return key;
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** The services that told spans of a request. */
  public Set<String> services(String guuid) {
    String trace = guuid.replace("-", "");
    return told.stream()
        .filter(each -> each.trace().equals(trace))
        .map(Told::service)
        .collect(Collectors.toSet());
  }

  private void takeSpans(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    for (ResourceSpans each : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
      String service =
          each.getResource().getAttributesList().stream()
              .filter(attribute -> attribute.getKey().equals("service.name"))
              .map(attribute -> attribute.getValue().getStringValue())
              .findFirst()
              .orElse("");
      each.getScopeSpansList().stream()
          .flatMap(scope -> scope.getSpansList().stream())
          .map(span -> HexFormat.of().formatHex(span.getTraceId().toByteArray()))
          .forEach(trace -> told.add(new Told(trace, service)));
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private void publish(HttpExchange exchange) throws IOException {
    // What is printed holds public keys only.
    String keys = new JWKSet(List.<JWK>copyOf(published)).toString();
    byte[] body = keys.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
