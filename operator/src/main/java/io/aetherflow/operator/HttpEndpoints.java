package io.aetherflow.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** {@code /healthz} and {@code /readyz} on 8081, {@code /metrics} on 9464. */
final class HttpEndpoints implements AutoCloseable {
  static final int HEALTH_PORT = 8081;
  static final int METRICS_PORT = 9464;

  private final HttpServer health;
  private final HttpServer metrics;

  /**
   * @param healthy false asks Kubernetes for a restart
   * @throws IOException when an address is taken
   */
  HttpEndpoints(String address, BooleanSupplier healthy, Supplier<String> scrape)
      throws IOException {
    health = server(address, HEALTH_PORT);
    health.createContext("/healthz", exchange -> check(exchange, healthy));
    health.createContext("/readyz", exchange -> check(exchange, healthy));
    metrics = server(address, METRICS_PORT);
    metrics.createContext(
        "/metrics", exchange -> answer(exchange, 200, "text/plain; version=0.0.4", scrape.get()));
    health.start();
    metrics.start();
  }

  private static HttpServer server(String address, int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    return server;
  }

  private static void check(HttpExchange exchange, BooleanSupplier healthy) throws IOException {
    boolean well = healthy.getAsBoolean();
    answer(exchange, well ? 200 : 503, "text/plain", well ? "ok\n" : "not ready\n");
  }

  private static void answer(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    health.stop(0);
    metrics.stop(0);
  }
}
