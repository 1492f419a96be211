package io.aetherflow.gateway.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that keeps what it gets. */
public final class Client implements WebSocket.Listener {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final LinkedBlockingQueue<JsonNode> inbox = new LinkedBlockingQueue<>();
  private final List<JsonNode> operations = new ArrayList<>();
  private final StringBuilder partial = new StringBuilder();
  private final boolean reading;
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private WebSocket socket;

  private Client(boolean reading) {
    this.reading = reading;
  }

  public static Client connect(int port, String query) {
    return connect(HTTP, "ws", port, query, true);
  }

  /** Over TLS, by a client that knows whom to trust. */
  public static Client connectSecurely(HttpClient http, int port, String query) {
    return connect(http, "wss", port, query, true);
  }

  /** A client that reads nothing until told. */
  public static Client connectWithoutReading(int port, String query) {
    return connect(HTTP, "ws", port, query, false);
  }

  private static Client connect(
      HttpClient http, String scheme, int port, String query, boolean reading) {
    Client client = new Client(reading);
    client.socket =
        http.newWebSocketBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .buildAsync(URI.create(scheme + "://127.0.0.1:" + port + "/ws" + query), client)
            .join();
    return client;
  }

  public void read(long messages) {
    socket.request(messages);
  }

  public void send(byte[] message) {
    socket.sendBinary(ByteBuffer.wrap(message), true).join();
  }

  public void send(String message) {
    socket.sendText(message.replace('\'', '"'), true).join();
  }

  public void close() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  /** Breaks the connection as a lost network would. */
  public void abort() {
    socket.abort();
  }

  /** The next message, whatever it is, but for operations. */
  public JsonNode next() throws InterruptedException {
    JsonNode message = inbox.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no message within 10 s");
    }
    return message.path("t").asText().equals("ops") ? next() : message;
  }

  /** The next message of the type; operations on the way are kept, other messages are an error. */
  public JsonNode expect(String type) throws InterruptedException {
    while (true) {
      JsonNode message = inbox.poll(10, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no " + type + " within 10 s");
      }
      if (message.path("t").asText().equals("ops")) {
        message.path("ops").forEach(operations::add);
      }
      if (message.path("t").asText().equals(type)) {
        return message;
      }
      if (!message.path("t").asText().equals("ops") && !message.path("t").asText().equals("ack")) {
        throw new AssertionError("expected " + type + ", got " + message);
      }
    }
  }

  /** Takes messages until this many operations came. */
  public List<JsonNode> operations(int count) throws InterruptedException {
    while (operations.size() < count) {
      expect("ops");
    }
    return operations;
  }

  public List<Long> seqs(int count) throws InterruptedException {
    return operations(count).stream().map(each -> each.path("seq").asLong()).toList();
  }

  public int closeCode() {
    return closed.orTimeout(15, TimeUnit.SECONDS).join();
  }

  public boolean isOpen() {
    return !closed.isDone();
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    if (reading) {
      webSocket.request(1);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      try {
        inbox.add(MAPPER.readTree(partial.toString()));
      } catch (Exception e) {
        closed.completeExceptionally(e);
      }
      partial.setLength(0);
    }
    if (reading) {
      webSocket.request(1);
    }
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.completeExceptionally(error);
  }
}
