package io.aetherflow.gateway.rest;

import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GatewayMetrics;
import io.aetherflow.gateway.Json;
import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.TokenBuckets;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.cluster.ClusterReader;
import io.aetherflow.gateway.hub.OwnerCalls;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** REST {@code /api/v1}: authenticates on the event loop, works on a virtual thread. */
public final class RestApi {
  private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);

  /** A batch of operations must fit one etcd request of 1.5 MiB together with others. */
  static final long BODY_BYTES_MAX = 1024 * 1024;

  private static final String GUUID = "guuid";
  private static final String SPAN = "span";
  private static final String PRINCIPAL = "principal";

  private final Vertx vertx;
  private final TokenVerifier tokens;
  private final ClusterReader cluster;
  private final Executor blocking;
  private final GatewayMetrics metrics;
  private final Tracing tracing;
  private final TokenBuckets rates;
  private final SessionRoutes sessions;
  private final DocumentRoutes documents;
  private final StateRoutes states;
  private final VersionRoutes versions;
  private final LockRoutes locks;

  /**
   * @param gateway this gateway's instance name
   * @param blocking runs calls that may block, each on a thread of its own
   */
  public RestApi(
      Vertx vertx,
      Backends backends,
      String gateway,
      TokenVerifier tokens,
      ClusterReader cluster,
      Executor blocking,
      GatewayMetrics metrics,
      Tracing tracing,
      TokenBuckets rates) {
    this.tracing = tracing;
    this.rates = rates;
    this.vertx = vertx;
    this.tokens = tokens;
    this.cluster = cluster;
    this.blocking = blocking;
    this.metrics = metrics;
    this.sessions = new SessionRoutes(backends, gateway);
    OwnerCalls owners = new OwnerCalls(backends);
    this.documents = new DocumentRoutes(backends, owners);
    this.states = new StateRoutes(owners);
    this.versions = new VersionRoutes(owners);
    this.locks = new LockRoutes(owners);
  }

  /** One thing a client can do, as the router has it. */
  public record Routed(String method, String path) {}

  /** What {@link #mount} added to a router, read from that router. */
  public static List<Routed> routes(Router router) {
    return router.getRoutes().stream()
        .filter(route -> route.getPath() != null && route.getPath().startsWith("/api/"))
        .flatMap(route ->
            route.methods().stream().map(method -> new Routed(method.name(), route.getPath())))
        .distinct()
        .toList();
  }

  /** Adds the routes; must come after routes that are not the API's. */
  public void mount(Router router) {
    route(router, HttpMethod.GET, "/api/v1/me", RestApi::me);
    route(router, HttpMethod.GET, "/api/v1/cluster", this::cluster);
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
    route(router, HttpMethod.GET, "/api/v1/documents/:id/state", states::get);
    route(router, HttpMethod.PUT, "/api/v1/documents/:id/state", states::put);
    route(router, HttpMethod.GET, "/api/v1/documents/:id/conflicts", states::conflicts);
    route(router, HttpMethod.GET, "/api/v1/documents/:id/stats", states::stats);
    String versionsPath = "/api/v1/documents/:id/versions";
    route(router, HttpMethod.GET, versionsPath, versions::list);
    route(router, HttpMethod.POST, versionsPath, versions::create);
    route(router, HttpMethod.GET, versionsPath + "/:version", versions::get);
    route(router, HttpMethod.DELETE, versionsPath + "/:version", versions::delete);
    route(router, HttpMethod.POST, versionsPath + "/:version/restore", versions::restore);
    route(router, HttpMethod.GET, "/api/v1/documents/:id/locks", locks::list);
    route(router, HttpMethod.POST, "/api/v1/documents/:id/locks", locks::take);
    route(router, HttpMethod.DELETE, "/api/v1/documents/:id/locks/:lock", locks::release);
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

  private Reply cluster(ApiRequest request) {
    if (!request.principal().console()) {
      throw new ApiException(
          403, "PERMISSION_DENIED", "the token's claim \"console\" must be true to see this");
    }
    return new Reply(200, cluster.read());
  }

  private void route(
      Router router, HttpMethod method, String path, Function<ApiRequest, Reply> work) {
    String spanName = method.name() + " " + path;
    router.route(method, path).handler(ctx -> admit(ctx, path, spanName));
    if (method == HttpMethod.POST || method == HttpMethod.PUT) {
      router.route(method, path).handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX));
    }
    router.route(method, path).handler(ctx -> handle(ctx, work));
  }

  /** Decides on the headers alone: nobody unknown or over the rate can make us hold a body. */
  private void admit(RoutingContext ctx, String route, String spanName) {
    long startedNs = System.nanoTime();
    String guuid = RequestId.create().toString();
    Span span = tracing.begin(guuid, Span.Kind.SERVER, spanName);
    ctx.response().putHeader("X-Request-Id", guuid);
    ctx.response().putHeader("traceparent", RequestId.traceparent(guuid, span));
    ctx.addEndHandler(_ -> {
      ended(ctx, route, guuid, Duration.ofNanos(System.nanoTime() - startedNs));
      end(ctx, route, span);
    });
    ctx.put(GUUID, guuid);
    ctx.put(SPAN, span);
    String token = bearer(ctx);
    CompletableFuture<Void> ready = tokens.prepare(token).toCompletableFuture();
    if (ready.isDone()) {
      judge(ctx, token);
      return;
    }
    Context loop = vertx.getOrCreateContext();
    ctx.request().pause();
    ready.whenComplete((_, _) ->
        loop.runOnContext(_ -> {
          judge(ctx, token);
          ctx.request().resume();
        }));
  }

  private void judge(RoutingContext ctx, String token) {
    try {
      if (token.isEmpty()) {
        throw new AuthException("send the header Authorization: Bearer <token>");
      }
      Principal principal = tokens.verify(token);
      if (!rates.allow(principal.user())) {
        refuse(
            ctx,
            new ApiException(
                429, "RESOURCE_EXHAUSTED", "too many requests; wait", Duration.ofSeconds(1)));
        return;
      }
      ctx.put(PRINCIPAL, principal);
      ctx.next();
    } catch (AuthException e) {
      ctx.response().putHeader("WWW-Authenticate", "Bearer");
      refuse(ctx, new ApiException(401, "UNAUTHENTICATED", e.getMessage()));
    }
  }

  /** The body is not read, so an HTTP/1 connection cannot carry another request. */
  private void refuse(RoutingContext ctx, ApiException e) {
    MultiMap headers = ctx.request().headers();
    boolean ownConnection = ctx.request().version() != HttpVersion.HTTP_2;
    if (ownConnection
        && (headers.contains("Content-Length") || headers.contains("Transfer-Encoding"))) {
      ctx.response().putHeader("Connection", "close");
      ctx.addEndHandler(_ -> ctx.request().connection().close());
    }
    fail(ctx, e);
  }

  private void handle(RoutingContext ctx, Function<ApiRequest, Reply> work) {
    String guuid = ctx.get(GUUID);
    Span span = ctx.get(SPAN);
    ApiRequest request = read(ctx, ctx.get(PRINCIPAL));
    Context loop = vertx.getOrCreateContext();
    blocking.execute(() -> {
      Runnable answer = Traced.call(guuid, span, () -> run(ctx, request, work));
      loop.runOnContext(_ -> answer.run());
    });
  }

  private void ended(RoutingContext ctx, String route, String guuid, Duration took) {
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

  private static void end(RoutingContext ctx, String route, Span span) {
    int status = ctx.response().getStatusCode();
    span.tag("http.request.method", ctx.request().method().name())
        .tag("http.route", route)
        .tag("http.response.status_code", status);
    if (status < 500) {
      span.end();
    } else {
      span.fail("answered with " + status);
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

  /** Empty when there is none. */
  private static String bearer(RoutingContext ctx) {
    String header = ctx.request().getHeader("Authorization");
    return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
        ? header.substring(7).strip()
        : "";
  }

  private static ApiRequest read(RoutingContext ctx, Principal principal) {
    Map<String, String> query = new LinkedHashMap<>();
    ctx.queryParams().forEach(query::put);
    String body = ctx.body() == null ? null : ctx.body().asString();
    return new ApiRequest(principal, Map.copyOf(ctx.pathParams()), query, body == null ? "" : body);
  }

  private void fail(RoutingContext ctx, ApiException e) {
    metrics.error(e.code);
    if (!e.retryAfter.isZero()) {
      // Whole seconds, and not before it is worth it.
      long seconds = e.retryAfter.plusNanos(999_999_999).toSeconds();
      ctx.response().putHeader("Retry-After", Long.toString(seconds));
    }
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
