package io.aetherflow.local.server;

import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Resources;
import io.fabric8.kubernetes.api.model.Status;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Serves {@code pods/log}; each stream blocks on a virtual thread of its own. */
final class LogStreams {
  private static final int CHUNK_BYTES = 8192;

  private final Vertx vertx;
  private final Resources resources;
  private final PodLogs logs;

  LogStreams(Vertx vertx, Resources resources, PodLogs logs) {
    this.vertx = vertx;
    this.resources = resources;
    this.logs = logs;
  }

  void serve(HttpServerRequest request, Call call, Consumer<Status> fail) {
    resources.get(call.kind(), call.namespace(), call.name());
    String tail = call.parameter("tailLines");
    PodLogs.Request wanted =
        new PodLogs.Request(
            call.namespace(),
            call.name(),
            call.parameter("container"),
            call.flag("follow"),
            tail.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(tail)),
            call.flag("previous"),
            call.flag("timestamps"));
    var context = vertx.getOrCreateContext();
    Thread.ofVirtual()
        .name("pod-log")
        .start(() -> {
          try (InputStream log = logs.open(wanted)) {
            // The head must be on its way before the first chunk.
            CompletableFuture<Void> begun = new CompletableFuture<>();
            context.runOnContext(ignored -> {
              begin(request.response(), log);
              begun.complete(null);
            });
            begun.join();
            copy(log, request.response());
          } catch (IOException e) {
            String why = e.getMessage();
            context.runOnContext(ignored -> {
              if (request.response().headWritten()) {
                request.response().end();
              } else {
                fail.accept(Errors.status(400, "BadRequest", why));
              }
            });
          }
        });
  }

  private static void begin(HttpServerResponse response, InputStream log) {
    response.setChunked(true).putHeader("Content-Type", "text/plain");
    response.closeHandler(closed -> {
      try {
        log.close();
      } catch (IOException e) {
        // The reader's own close follows; there is nobody left to tell.
      }
    });
    response.writeHead();
  }

  /** Waits for each write, so a slow client slows the reader instead of filling memory. */
  private static void copy(InputStream log, HttpServerResponse response) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      for (int n = log.read(chunk); n >= 0; n = log.read(chunk)) {
        response
            .write(Buffer.buffer().appendBytes(chunk, 0, n))
            .toCompletionStage()
            .toCompletableFuture()
            .get();
      }
      response.end();
    } catch (ExecutionException e) {
      throw new IOException("the client went away", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
