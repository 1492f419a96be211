package io.aetherflow.bench.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.BenchFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Many sockets at one gateway, each another user's. */
final class Crowd {
  /** Handshakes at a time: a client that opens a million would measure its own queue. */
  private static final int OPENING_MAX = 64;

  private static final long OPEN_SECONDS = 120;

  /** Opening is not measured, and services that have just started may refuse some. */
  private static final int ATTEMPTS_MAX = 20;

  private static final long AGAIN_MILLIS = 500;
  private static final Duration TOKENS_LIVE = Duration.ofHours(6);

  private final Vertx vertx;
  private final WebSocketClient http;
  private final String host;
  private final int port;
  private final Tokens tokens;
  private final IntFunction<String> documentOf;
  private final List<Client> clients = new ArrayList<>();

  /**
   * @param config names the gateway's host and port
   * @param documentOf each socket's document; empty for none
   */
  Crowd(Vertx vertx, JsonNode config, IntFunction<String> documentOf) {
    this.vertx = vertx;
    http = vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(100_000));
    host = config.path("host").asText();
    port = config.path("port").asInt();
    tokens = new Tokens(Stack.SECRET, Instant.now().plus(TOKENS_LIVE));
    this.documentOf = documentOf;
  }

  void open(int count, Consumer<String> onText) throws Exception {
    for (int from = 0; from < count; from += OPENING_MAX) {
      List<Future<Client>> some = new ArrayList<>();
      for (int i = from; i < Math.min(count, from + OPENING_MAX); i++) {
        some.add(open(i, onText, ATTEMPTS_MAX));
      }
      try {
        Future.all(some)
            .toCompletionStage()
            .toCompletableFuture()
            .get(OPEN_SECONDS, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new BenchFailure("Of " + count + " sockets only " + from + " opened: " + e, e);
      }
      some.forEach(each -> clients.add(each.result()));
    }
  }

  private Future<Client> open(int index, Consumer<String> onText, int attempts) {
    return Client.open(
            http, host, port, tokens.of("user-" + index), documentOf.apply(index), onText)
        .recover(failure ->
            attempts <= 1
                ? Future.failedFuture(failure)
                : vertx
                    .timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .compose(later -> open(index, onText, attempts - 1)));
  }

  List<Client> clients() {
    return clients;
  }

  long lost() {
    return clients.stream().filter(Client::lost).count();
  }
}
