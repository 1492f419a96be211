package io.aetherflow.e2e.collab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One WebSocket carrying JSON texts. {@link #send} is for one thread; callbacks come on another.
 */
final class Socket {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final WebSocket socket;

  private Socket(WebSocket socket) {
    this.socket = socket;
  }

  /**
   * @param onMessage called for each whole message
   * @param onEnd called at least once when the socket has ended, with why
   */
  static Socket open(
      HttpClient http, String authority, Consumer<JsonNode> onMessage, Consumer<String> onEnd)
      throws Exception {
    return new Socket(
        http.newWebSocketBuilder()
            .connectTimeout(TIMEOUT)
            .buildAsync(URI.create("ws://" + authority + "/ws"), new Events(onMessage, onEnd))
            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
  }

  static ObjectNode message(String type) {
    return JSON.createObjectNode().put("t", type);
  }

  void send(ObjectNode message) throws Exception {
    socket.sendText(message.toString(), true).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  void close() {
    socket
        .sendClose(WebSocket.NORMAL_CLOSURE, "")
        .orTimeout(1, TimeUnit.SECONDS)
        .exceptionally(failure -> socket);
  }

  void abort() {
    socket.abort();
  }

  private static final class Events implements WebSocket.Listener {
    private final Consumer<JsonNode> onMessage;
    private final Consumer<String> onEnd;
    private final StringBuilder text = new StringBuilder();

    Events(Consumer<JsonNode> onMessage, Consumer<String> onEnd) {
      this.onMessage = onMessage;
      this.onEnd = onEnd;
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        try {
          onMessage.accept(JSON.readTree(whole));
        } catch (JsonProcessingException e) {
          onEnd.accept("the gateway sent something that is not JSON: " + whole);
        }
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
      onEnd.accept("closed with " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      onEnd.accept(error.toString());
    }
  }
}
