package io.aetherflow.e2e.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Commands to one page over the Chrome DevTools protocol. May be used from any thread.
 *
 * @see <a href="https://chromedevtools.github.io/devtools-protocol/">the protocol</a>
 */
final class DevTools implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long TIMEOUT_SECONDS = 30;

  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final WebSocket socket;

  DevTools(HttpClient http, URI page) {
    this.socket = http.newWebSocketBuilder().buildAsync(page, new Answers()).join();
  }

  static ObjectNode parameters() {
    return JSON.createObjectNode();
  }

  /** The command's result; fails with the browser's words. */
  JsonNode call(String method, ObjectNode parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
    command.set("params", parameters);
    try {
      // The JDK's sockets take one text at a time.
      synchronized (socket) {
        socket.sendText(command.toString(), true).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
      JsonNode message = answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (message.has("error")) {
        throw new AssertionError(method + " failed: " + message.path("error"));
      }
      return message.path("result");
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the browser did not answer " + method, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + method, e);
    } finally {
      waiting.remove(id);
    }
  }

  @Override
  public void close() {
    socket.abort();
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          CompletableFuture<JsonNode> answer = waiting.get(message.path("id").asInt());
          if (answer != null) {
            answer.complete(message);
          }
        } catch (IOException e) {
          waiting.values().forEach(each -> each.completeExceptionally(e));
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      waiting.values().forEach(each -> each.completeExceptionally(error));
    }
  }
}
