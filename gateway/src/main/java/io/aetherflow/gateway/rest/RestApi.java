package io.aetherflow.gateway.rest;

import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GatewayMetrics;
import io.aetherflow.gateway.Json;
import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.runtime.trace.Guuid;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** REST {@code /api/v1}: authenticates on the event loop, works on a virtual thread. */
public final class RestApi {
  private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);

  /** A batch of operations must fit one etcd request of 1.5 MiB together with others. */
  static final long BODY_BYTES_MAX = 1024 * 1024;

  private final Vertx vertx;
  private final TokenVerifier tokens;
  private final Executor blocking;
  private final GatewayMetrics metrics;
  private final SessionRoutes sessions;
  private final DocumentRoutes documents;

  /**
   * @param gateway this gateway's instance name
   * @param blocking runs calls that may block, each on a thread of its own
   */
  public RestApi(
      Vertx vertx,
      Backends backends,
      String gateway,
      TokenVerifier tokens,
      Executor blocking,
      GatewayMetrics metrics) {
    this.vertx = vertx;
    this.tokens = tokens;
    this.blocking = blocking;
    this.metrics = metrics;
    this.sessions = new SessionRoutes(backends, gateway);
    this.documents = new DocumentRoutes(backends);
  }

  /** Adds the routes; must come after routes that are not the API's. */
  public void mount(Router router) {
    router.route("/api/*").handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX));
    route(router, HttpMethod.GET, "/api/v1/me", RestApi::me);
    route(router, HttpMethod.POST, "/api/v1/sessions", sessions::create);
    route(router, HttpMethod.GET, "/api/v1/sessions", sessions::list);
    route(router, HttpMethod.GET, "/api/v1/sessions/:id", sessions::get);
    route(router, HttpMethod.DELETE, "/api/v1/sessions/:id", sessions::delete);
    route(router, HttpMethod.POST, "/api/v1/documents", documents::create);
    route(router, HttpMethod.GET, "/api/v1/documents", documents::list);
    route(router, HttpMethod.GET, "/api/v1/documents/:id", documents::get);
    route(router, HttpMethod.DELETE, "/api/v1/documents/:id", documents::delete);
    route(router, HttpMethod.POST, "/api/v1/documents/:id/operations", documents::append);
    route(router, HttpMethod.GET, "/api/v1/documents/:id/operations", documents::operations);
    router.errorHandler(404, ctx -> fail(ctx, new ApiException(404, "NOT_FOUND", "no such path")));
    router.errorHandler(
        405, ctx -> fail(ctx, new ApiException(405, "METHOD_NOT_ALLOWED", "no such method here")));
    router.errorHandler(
        413,
        ctx ->
            fail(
                ctx,
                new ApiException(
                    413, "TOO_LARGE", "a body has at most " + BODY_BYTES_MAX + " bytes")));
    router.errorHandler(
        500, ctx -> fail(ctx, new ApiException(500, "INTERNAL", "the gateway failed")));
  }

  private static Reply me(ApiRequest request) {
    return Reply.ok(json -> {
      json.writeStringField("user", request.user());
      json.writeStringField("expires_at", request.principal().expiresAt().toString());
    });
  }

  private void route(
      Router router, HttpMethod method, String path, Function<ApiRequest, Reply> work) {
    router.route(method, path).handler(ctx -> handle(ctx, path, work));
  }

  private void handle(RoutingContext ctx, String route, Function<ApiRequest, Reply> work) {
    long startedNs = System.nanoTime();
    UUID guuid = RequestId.create();
    ctx.response().putHeader("X-Request-Id", guuid.toString());
    ctx.response().putHeader("traceparent", RequestId.traceparent(guuid));
    ctx.addEndHandler(
        _ -> ended(ctx, route, guuid, Duration.ofNanos(System.nanoTime() - startedNs)));
    ApiRequest request;
    try {
      request = read(ctx, authenticate(ctx));
    } catch (AuthException e) {
      ctx.response().putHeader("WWW-Authenticate", "Bearer");
      fail(ctx, new ApiException(401, "UNAUTHENTICATED", e.getMessage()));
      return;
    }
    Context loop = vertx.getOrCreateContext();
    blocking.execute(() -> {
      Runnable answer = traced(guuid, () -> run(ctx, request, work));
      loop.runOnContext(_ -> answer.run());
    });
  }

  private void ended(RoutingContext ctx, String route, UUID guuid, Duration took) {
    String method = ctx.request().method().name();
    int status = ctx.response().getStatusCode();
    metrics.request(method, route, status, took);
    LOG.atDebug()
        .addKeyValue("guuid", guuid)
        .addKeyValue("action", "rest_answered")
        .addKeyValue("status", status)
        .addKeyValue("micros", took.toNanos() / 1_000)
        .log("{} {}", method, route);
  }

  /** Log lines and gRPC calls of the work carry the request's GUUID. */
  private static Runnable traced(UUID guuid, Callable<Runnable> work) {
    try (var _ = MDC.putCloseable(Guuid.MDC_KEY, guuid.toString())) {
      return io.grpc.Context.current().withValue(Guuid.CURRENT, guuid.toString()).call(work);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Runnable run(RoutingContext ctx, ApiRequest request, Function<ApiRequest, Reply> work) {
    try {
      Reply reply = work.apply(request);
      return () -> send(ctx, reply.status(), reply.body());
    } catch (ApiException e) {
      return () -> fail(ctx, e);
    } catch (StatusRuntimeException e) {
      return () -> fail(ctx, ApiException.of(e));
    } catch (RuntimeException e) {
      LOG.error("Request {} {} failed", ctx.request().method(), ctx.request().path(), e);
      return () -> fail(ctx, new ApiException(500, "INTERNAL", "the gateway failed"));
    }
  }

  private Principal authenticate(RoutingContext ctx) throws AuthException {
    String header = ctx.request().getHeader("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw new AuthException("send the header Authorization: Bearer <token>");
    }
    return tokens.verify(header.substring(7).strip());
  }

  private static ApiRequest read(RoutingContext ctx, Principal principal) {
    Map<String, String> query = new LinkedHashMap<>();
    ctx.queryParams().forEach(query::put);
    String body = ctx.body().asString();
    return new ApiRequest(principal, Map.copyOf(ctx.pathParams()), query, body == null ? "" : body);
  }

  private void fail(RoutingContext ctx, ApiException e) {
    metrics.error(e.code);
    send(
        ctx,
        e.status,
        Json.object(json -> {
          json.writeObjectFieldStart("error");
          json.writeStringField("code", e.code);
          json.writeStringField("message", e.getMessage());
          json.writeEndObject();
        }));
  }

  private static void send(RoutingContext ctx, int status, String body) {
    if (ctx.response().ended() || ctx.response().closed()) {
      return;
    }
    ctx.response().setStatusCode(status);
    if (body.isEmpty()) {
      ctx.response().end();
    } else {
      ctx.response().putHeader("Content-Type", "application/json").end(body);
    }
  }
}
