package io.aetherflow.bench.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.util.function.Consumer;

/** One socket that has its session and, if it wants one, its document. Its event loop only. */
final class Client {
  private final WebSocket socket;
  private final Consumer<String> onText;
  private final Promise<Client> opened = Promise.promise();
  private final String document;
  private boolean lost;

  private Client(WebSocket socket, String document, Consumer<String> onText) {
    this.socket = socket;
    this.document = document;
    this.onText = onText;
  }

  /**
   * @param document empty for none
   * @param onText gets every message once the client is open
   * @return done when the gateway has confirmed everything
   */
  static Future<Client> open(
      WebSocketClient http,
      String host,
      int port,
      String token,
      String document,
      Consumer<String> onText) {
    return http.connect(port, host, "/ws?access_token=" + token)
        .compose(socket -> new Client(socket, document, onText).start());
  }

  private Future<Client> start() {
    socket.textMessageHandler(this::onMessage);
    socket.closeHandler(closed -> {
      lost = true;
      opened.tryFail("closed with " + socket.closeStatusCode() + " " + socket.closeReason());
    });
    return opened.future();
  }

  private void onMessage(String text) {
    if (opened.future().isComplete()) {
      onText.accept(text);
    } else if (text.contains("\"t\":\"welcome\"")) {
      if (document.isEmpty()) {
        opened.tryComplete(this);
      } else {
        socket.writeTextMessage("{\"t\":\"attach\",\"doc\":\"" + document + "\"}");
      }
    } else if (text.contains("\"t\":\"attached\"")) {
      opened.tryComplete(this);
    } else if (text.contains("\"t\":\"error\"")) {
      opened.tryFail("the gateway said " + text);
      socket.close();
    }
  }

  boolean lost() {
    return lost;
  }

  /**
   * @param number of this client's operations on the document, from 1
   * @param data a string without characters that JSON escapes
   */
  void write(long number, String data) {
    socket.writeTextMessage(
        "{\"t\":\"op\",\"doc\":\""
            + document
            + "\",\"client_seq\":"
            + number
            + ",\"data\":\""
            + data
            + "\"}");
  }
}
