package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Resources;
import io.fabric8.kubernetes.api.model.Status;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import java.util.Optional;

/**
 * Routes HTTP requests: authenticates, authorizes, and hands over to the verbs on a worker thread;
 * watches and logs stream from there on the connection's own thread.
 */
final class HttpApi {
  /** The API server's own limit is 3 MiB for objects; a body is held in memory whole. */
  static final int BODY_MAX_BYTES = 3 << 20;

  private static final System.Logger LOG = System.getLogger(HttpApi.class.getName());

  private final Vertx vertx;
  private final Resources resources;
  private final Tokens tokens;
  private final Tables tables;
  private final Rbac rbac;
  private final Reviews reviews;
  private final Verbs verbs;
  private final Discovery discovery;
  private final OpenApi openApi;
  private final LogStreams logs;
  private final Audit audit;
  private volatile boolean serving;

  HttpApi(Vertx vertx, Resources resources, Tokens tokens, ApiServerOptions options) {
    this.vertx = vertx;
    this.resources = resources;
    this.tokens = tokens;
    this.tables = new Tables(options.clock());
    this.rbac = new Rbac(resources.db());
    this.reviews = new Reviews(rbac);
    this.verbs = new Verbs(resources, tables, rbac);
    this.discovery = new Discovery(resources.kinds());
    this.openApi = new OpenApi(resources.kinds());
    this.logs = new LogStreams(vertx, resources, options.logs());
    this.audit = options.audit();
  }

  /** Answers from now on; before, every request is told to come back. */
  void serve() {
    serving = true;
  }

  void handle(HttpServerRequest request) {
    if (!serving) {
      fail(request, Errors.status(503, "ServiceUnavailable", "the local Kubernetes is starting"));
      return;
    }
    Buffer body = Buffer.buffer();
    if (request.headers().contains("Upgrade", "websocket", true)) {
      answer(request, body);
      return;
    }
    request.handler(part -> {
      if (body.length() + part.length() <= BODY_MAX_BYTES) {
        body.appendBuffer(part);
      } else if (!request.response().ended()) {
        request.response().putHeader("Connection", "close");
        fail(
            request,
            Errors.status(
                413,
                "RequestEntityTooLarge",
                "the body is larger than " + BODY_MAX_BYTES + " bytes"));
      }
    });
    request.endHandler(done -> {
      if (!request.response().ended()) {
        answer(request, body);
      }
    });
  }

  private void answer(HttpServerRequest request, Buffer body) {
    Context context = vertx.getOrCreateContext();
    try {
      String path = request.path();
      if (path.equals("/healthz") || path.equals("/readyz") || path.equals("/livez")) {
        request.response().end("ok");
        return;
      }
      Identity who = authenticate(request);
      Optional<ObjectNode> document =
          path.startsWith("/openapi/") ? openApi.at(path) : discovery.at(path);
      if (document.isPresent()) {
        json(request, 200, document.get());
        return;
      }
      Optional<ObjectNode> review = review(who, path, body);
      if (review.isPresent()) {
        json(request, 201, review.get());
        return;
      }
      Call call = Routes.call(resources.kinds(), who, request, body);
      follow(request.response(), call);
      authorize(call);
      dispatch(request, call, context);
    } catch (RuntimeException e) {
      fail(request, status(e));
    }
  }

  private void follow(HttpServerResponse response, Call call) {
    if (!call.method().equals("GET")) {
      response.endHandler(ended ->
          audit.onWrite(
              new Audit.Write(
                  call.who().user(),
                  call.verb(),
                  call.resource(),
                  call.namespace(),
                  call.name(),
                  response.getStatusCode())));
    }
  }

  private void dispatch(HttpServerRequest request, Call call, Context context) {
    if (call.watch()) {
      WatchStream stream = new WatchStream(call, resources.db(), tables, context);
      if (request.headers().contains("Upgrade", "websocket", true)) {
        request.toWebSocket().onSuccess(socket -> watch(socket, stream));
      } else {
        watch(request, stream);
      }
    } else if (call.subresource().equals("log")) {
      logs.serve(request, call, status -> fail(request, status));
    } else if (call.subresource().equals("token")) {
      json(request, 201, token(call));
    } else {
      work(request, call);
    }
  }

  private void work(HttpServerRequest request, Call call) {
    Future<Verbs.Answer> answer = vertx.executeBlocking(() -> verbs.handle(call), false);
    answer
        .onSuccess(done -> {
          for (String warning : call.warnings()) {
            String quoted = warning.replace("\\", "\\\\").replace("\"", "\\\"");
            request.response().headers().add("Warning", "299 - \"" + quoted + "\"");
          }
          json(request, done.code(), done.body());
        })
        .onFailure(e -> fail(request, status(e)));
  }

  private Identity authenticate(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    String token = header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
    return tokens
        .identify(token.strip())
        .orElseThrow(() -> Errors.of(401, "Unauthorized", "Unauthorized"));
  }

  private void authorize(Call call) {
    rbac.check(
        call.who(),
        new Rbac.Action(
            call.verb(), call.kind().group(), call.resource(), call.namespace(), call.name()));
  }

  private Optional<ObjectNode> review(Identity who, String path, Buffer body) {
    String prefix = "/apis/authorization.k8s.io/v1/";
    if (!path.startsWith(prefix)) {
      return Optional.empty();
    }
    ObjectNode review = parse(body);
    return switch (path.substring(prefix.length())) {
      case "selfsubjectaccessreviews" -> Optional.of(reviews.access(who, review));
      case "selfsubjectrulesreviews" -> Optional.of(reviews.rules(who, review));
      default -> Optional.empty();
    };
  }

  private static ObjectNode parse(Buffer body) {
    try {
      if (Json.MAPPER.readTree(body.getBytes()) instanceof ObjectNode object) {
        return object;
      }
    } catch (java.io.IOException e) {
      throw Errors.badRequest("the body is not valid JSON: " + e.getMessage());
    }
    throw Errors.badRequest("the body must be an object");
  }

  private ObjectNode token(Call call) {
    resources.get(call.kind(), call.namespace(), call.name());
    ObjectNode request = call.body().length() == 0 ? Json.object() : parse(call.body());
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request
        .putObject("status")
        .put("token", tokens.issue(call.namespace(), call.name()))
        .put("expirationTimestamp", "2099-01-01T00:00:00Z");
    return request;
  }

  private void watch(HttpServerRequest request, WatchStream stream) {
    HttpServerResponse response = request.response();
    response.setChunked(true).putHeader("Content-Type", "application/json");
    response.closeHandler(closed -> stream.end());
    response.exceptionHandler(e -> stream.end());
    response.writeHead();
    stream.start(
        new WatchStream.Sink() {
          @Override
          public Future<Void> write(Buffer line) {
            return response.write(line);
          }

          @Override
          public void end() {
            if (!response.ended() && !response.closed()) {
              response.end();
            }
          }
        });
  }

  private static void watch(ServerWebSocket socket, WatchStream stream) {
    socket.closeHandler(closed -> stream.end());
    socket.exceptionHandler(e -> stream.end());
    stream.start(
        new WatchStream.Sink() {
          @Override
          public Future<Void> write(Buffer line) {
            return socket.writeTextMessage(line.toString());
          }

          @Override
          public void end() {
            socket.close();
          }
        });
  }

  private static Status status(Throwable e) {
    if (e instanceof ApiException api) {
      return api.status();
    }
    LOG.log(System.Logger.Level.ERROR, "A request failed", e);
    return Errors.status(500, "InternalError", "Internal error occurred: " + e);
  }

  private static void fail(HttpServerRequest request, Status status) {
    json(request, status.getCode(), Json.tree(status));
  }

  private static void json(HttpServerRequest request, int code, JsonNode body) {
    if (!request.response().ended() && !request.response().closed()) {
      request
          .response()
          .setStatusCode(code)
          .putHeader("Content-Type", "application/json")
          .end(Buffer.buffer(Json.bytes(body)));
    }
  }
}
