package io.aetherflow.runtime.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A small HTTP server for probes and metrics: GET only, fixed paths. */
public final class HttpEndpoint implements AutoCloseable {
  /** One answer of a path. */
  public record Answer(int status, String contentType, String body) {}

  /** Probes and scrapes come one by one; more than this is somebody's mistake or attack. */
  private static final int BACKLOG_MAX = 32;

  /** Ends a connection whose request does not arrive whole in this time. */
  private static final int REQUEST_SECONDS_MAX = 10;

  /** Bounds what strangers can hold open. */
  private static final int CONNECTIONS_MAX = 64;

  static {
    // The JDK's server reads its limits once, from system properties.
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS_MAX));
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
  }

  private final HttpServer server;

  /**
   * @throws IOException naming the address when it cannot be bound
   */
  public HttpEndpoint(String address, int port) throws IOException {
    try {
      server = HttpServer.create(new InetSocketAddress(address, port), BACKLOG_MAX);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on " + address + ":" + port + " (" + e.getMessage() + ")", e);
    }
    // One stuck client must not keep the kubelet's probe waiting.
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
  }

  public HttpEndpoint path(String path, Supplier<Answer> answer) {
    server.createContext(path, exchange -> serve(exchange, path, answer));
    return this;
  }

  public HttpEndpoint start() {
    server.start();
    return this;
  }

  /** The port bound, also when 0 was asked for. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static void serve(HttpExchange exchange, String path, Supplier<Answer> supplier)
      throws IOException {
    try (exchange) {
      Answer answer = supplier.get();
      if (!exchange.getRequestURI().getPath().equals(path)) {
        answer = new Answer(404, "text/plain", "not found\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        answer = new Answer(405, "text/plain", "only GET\n");
      }
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
