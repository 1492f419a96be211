package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Db;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Objects;
import io.aetherflow.local.store.Resources;
import io.aetherflow.local.store.StoreEvent;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** One client's watch: filters changes, writes them in order, and gives up on slow clients. */
final class WatchStream {
  /** Events waiting for one slow client; beyond it the client must list again (410). */
  static final int PENDING_MAX = 2048;

  static final long BOOKMARK_MILLIS = 60_000;

  /** As the API server's {@code --min-request-timeout}. */
  private static final long DEFAULT_TIMEOUT_SECONDS = 1800;

  /** Where the events go: a chunked response or a WebSocket; called on the context's thread. */
  interface Sink {
    io.vertx.core.Future<Void> write(Buffer line);

    void end();
  }

  private final Call call;
  private final Db db;
  private final Tables tables;
  private final Context context;
  private final Predicate<ObjectNode> selector;
  private final AtomicInteger pending = new AtomicInteger();
  private Sink sink;
  private Objects.Subscription subscription;
  private long bookmarkTimer;
  private long endTimer;
  private boolean ended;

  WatchStream(Call call, Db db, Tables tables, Context context) {
    this.call = call;
    this.db = db;
    this.tables = tables;
    this.context = context;
    this.selector = Selectors.of(call.parameter("labelSelector"), call.parameter("fieldSelector"));
    if (call.flag("sendInitialEvents")) {
      throw Errors.invalid(
          call.kind(),
          "",
          List.of(
              io.aetherflow.local.schema.Problem.forbidden(
                  "sendInitialEvents",
                  "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")));
    }
  }

  /** Starts on the context's thread; a too old revision becomes an ERROR event, as on a server. */
  void start(Sink target) {
    sink = target;
    String since = call.parameter("resourceVersion");
    try {
      String resource = call.kind().resource();
      subscription =
          since.isEmpty() || since.equals("0")
              ? db.watchFromNow(resource, this::onEvent)
              : db.watch(resource, Long.parseLong(since), this::onEvent);
    } catch (ApiException e) {
      send("ERROR", Json.tree(e.status()));
      end();
      return;
    }
    String timeout = call.parameter("timeoutSeconds");
    long seconds = timeout.isEmpty() ? DEFAULT_TIMEOUT_SECONDS : Long.parseLong(timeout);
    endTimer = context.owner().setTimer(Math.max(1, seconds) * 1000, id -> end());
    if (call.flag("allowWatchBookmarks")) {
      bookmarkTimer = context.owner().setPeriodic(BOOKMARK_MILLIS, id -> bookmark());
    }
  }

  private void bookmark() {
    // Through the event thread, so that no event before this revision follows the bookmark.
    db.afterPending(revision -> {
      ObjectNode object =
          Json.object().put("kind", call.kind().kind()).put("apiVersion", call.kind().apiVersion());
      object.putObject("metadata").put("resourceVersion", Long.toString(revision));
      context.runOnContext(ignored -> send("BOOKMARK", object));
    });
  }

  /** On the store's event thread. */
  private void onEvent(StoreEvent event) {
    String type = type(event);
    if (type == null) {
      return;
    }
    if (pending.incrementAndGet() > PENDING_MAX) {
      context.runOnContext(ignored -> dropSlow());
      return;
    }
    context.runOnContext(ignored -> {
      ObjectNode object = Resources.served(call.kind(), event.object());
      boolean table = call.table();
      String revision = Json.text(object, "metadata", "resourceVersion");
      send(type, table ? tables.table(call.kind(), List.of(object), revision, call) : object);
    });
  }

  private String type(StoreEvent event) {
    String namespace = Json.text(event.object(), "metadata", "namespace");
    String name = Json.text(event.object(), "metadata", "name");
    if (!call.namespace().isEmpty() && !call.namespace().equals(namespace)
        || !call.name().isEmpty() && !call.name().equals(name)) {
      return null;
    }
    boolean before = event.previous() != null && selector.test(event.previous());
    boolean now = event.type() != Objects.Change.Kind.DELETED && selector.test(event.object());
    if (now) {
      return before ? "MODIFIED" : "ADDED";
    }
    return before ? "DELETED" : null;
  }

  private void dropSlow() {
    if (!ended) {
      send("ERROR", Json.tree(Errors.expired("the client reads too slowly; list again").status()));
      end();
    }
  }

  private void send(String type, ObjectNode object) {
    if (ended) {
      return;
    }
    ObjectNode event = Json.object().put("type", type);
    event.set("object", object);
    sink.write(Buffer.buffer(Json.bytes(event)).appendByte((byte) '\n'))
        .onComplete(done -> pending.updateAndGet(n -> Math.max(0, n - 1)));
  }

  /** Ends the watch; idempotent, on the context's thread. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    context.owner().cancelTimer(endTimer);
    context.owner().cancelTimer(bookmarkTimer);
    if (subscription != null) {
      subscription.close();
    }
    sink.end();
  }
}
