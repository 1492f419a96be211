package io.aetherflow.gateway;

import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.cluster.ClusterReader;
import io.aetherflow.gateway.cluster.Pods;
import io.aetherflow.gateway.hub.DocumentHub;
import io.aetherflow.gateway.hub.LockClient;
import io.aetherflow.gateway.hub.OwnerCalls;
import io.aetherflow.gateway.hub.StateClient;
import io.aetherflow.gateway.rest.RestApi;
import io.aetherflow.gateway.session.SessionClient;
import io.aetherflow.gateway.session.SessionKeeper;
import io.aetherflow.gateway.ws.HandshakeToken;
import io.aetherflow.gateway.ws.Origins;
import io.aetherflow.gateway.ws.SocketRegistry;
import io.aetherflow.gateway.ws.WebSocketEndpoint;
import io.aetherflow.gateway.ws.YjsEndpoint;
import io.aetherflow.runtime.trace.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The HTTP server with REST, WebSocket and static pages, and what they share. */
public final class GatewayServer implements AutoCloseable {
  /** What clients get to reconnect elsewhere before their sockets close. */
  private static final long DRAIN_SPREAD_MILLIS = 2_500;

  /** Against connections that send nothing; sockets have heartbeats instead. */
  private static final int IDLE_SECONDS = 90;

  private final Options options;
  private final Vertx vertx;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final ContextLoop loop;
  private final SocketRegistry registry = new SocketRegistry();
  private final WebSocketEndpoint webSockets;
  private final YjsEndpoint yjs;
  private final ClusterReader cluster;
  private final RestApi rest;
  private final SessionKeeper keeper;
  private final DocumentHub hub;
  private final Optional<HttpsDoor> https;
  private volatile int port;

  /**
   * @param instance this gateway's name towards the session service
   * @param port 0 for one of the system's choice
   */
  public record Options(
      String instance,
      String listenAddress,
      int port,
      Optional<Https> https,
      Limits limits,
      Origins origins) {

    /** Without HTTPS. */
    public Options(
        String instance, String listenAddress, int port, Limits limits, Origins origins) {
      this(instance, listenAddress, port, Optional.empty(), limits, origins);
    }
  }

  /**
   * HTTPS beside HTTP.
   *
   * @param port 0 for one of the system's choice
   * @param certificateDir with tls.crt and tls.key, now or later
   */
  public record Https(int port, Path certificateDir) {}

  /**
   * @param pods what the console shows
   */
  public GatewayServer(
      Options options,
      Backends backends,
      Pods pods,
      TokenVerifier tokens,
      MeterRegistry meters,
      Tracing tracing,
      Clock clock) {
    this.options = options;
    this.vertx = Vertx.vertx(vertxOptions());
    this.loop = new ContextLoop(vertx);
    GatewayMetrics metrics = new GatewayMetrics(meters);
    this.hub =
        new DocumentHub(
            backends, loop, blocking, System::nanoTime, RandomGenerator.getDefault(), tracing);
    this.webSockets = webSockets(backends, tokens, metrics, clock);
    this.yjs =
        new YjsEndpoint(webSockets, new StateClient(new OwnerCalls(backends)), System::nanoTime);
    this.cluster = new ClusterReader(options.instance(), pods, blocking, System::nanoTime);
    this.rest =
        new RestApi(
            vertx,
            backends,
            options.instance(),
            tokens,
            cluster,
            blocking,
            metrics,
            tracing,
            requestRates(options.limits()));
    this.keeper = new SessionKeeper(backends, options.instance(), registry, loop, blocking);
    this.https = options.https().map(this::httpsDoor);
  }

  private WebSocketEndpoint webSockets(
      Backends backends, TokenVerifier tokens, GatewayMetrics metrics, Clock clock) {
    return new WebSocketEndpoint(
        vertx,
        options.limits(),
        options.origins(),
        tokens,
        new SessionClient(backends, options.instance(), blocking),
        registry,
        hub,
        new LockClient(new OwnerCalls(backends)),
        blocking,
        metrics,
        clock,
        System::nanoTime);
  }

  private HttpsDoor httpsDoor(Https wanted) {
    return new HttpsDoor(
        vertx,
        httpOptions().setPort(wanted.port()),
        listeners(wanted.port()),
        new TlsFiles(wanted.certificateDir(), vertx),
        this::router,
        blocking);
  }

  /** Bursts of twice the rate. */
  private static TokenBuckets requestRates(Limits limits) {
    int perSecond = limits.requestsPerSecond();
    return new TokenBuckets(perSecond, 2 * perSecond, System::nanoTime);
  }

  /** Listens; returns when connections are taken. */
  public void start() {
    vertx
        .deployVerticle(
            Listener::new, new DeploymentOptions().setInstances(listeners(options.port())))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    https.ifPresent(HttpsDoor::start);
    keeper.start();
    webSockets.startHeartbeat();
  }

  /** Listeners share a given port; of a port of the system's choice each would get another. */
  private static int listeners(int port) {
    return port == 0 ? 1 : eventLoops();
  }

  public int port() {
    return port;
  }

  /** Where HTTPS is served; nowhere before there is a certificate. */
  public OptionalInt httpsPort() {
    return https.map(HttpsDoor::port).orElseGet(OptionalInt::empty);
  }

  /** What the REST API answers to. */
  public List<RestApi.Routed> apiRoutes() {
    Router router = Router.router(vertx);
    rest.mount(router);
    return RestApi.routes(router);
  }

  public int sockets() {
    return registry.size();
  }

  /** Sends the clients elsewhere; returns when they left or their time is up (under 5 s). */
  public void drain() throws InterruptedException {
    webSockets.drain(DRAIN_SPREAD_MILLIS, RandomGenerator.getDefault());
    registry.awaitEmpty(DRAIN_SPREAD_MILLIS + 1_500, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    https.ifPresent(HttpsDoor::stopLooking);
    keeper.stop();
    hub.close().orTimeout(1, TimeUnit.SECONDS).handle((_, _) -> null).join();
    loop.end();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    cluster.close();
    blocking.shutdownNow();
  }

  private static int eventLoops() {
    return Math.min(2, Runtime.getRuntime().availableProcessors());
  }

  private static VertxOptions vertxOptions() {
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(eventLoops())
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setBlockedThreadCheckInterval(10_000);
    options.getFileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
    return options;
  }

  private HttpServerOptions httpOptions() {
    int hardLimit = options.limits().hardFrameBytes();
    return new HttpServerOptions()
        .setHost(options.listenAddress())
        .setPort(options.port())
        .setMaxWebSocketFrameSize(hardLimit)
        .setMaxWebSocketMessageSize(hardLimit)
        .setIdleTimeout(IDLE_SECONDS)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setWebSocketSubProtocols(List.of(HandshakeToken.SUBPROTOCOL))
        .setTcpNoDelay(true);
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.route("/ws").handler(ctx -> webSockets.handle(ctx.request()));
    router.route(YjsEndpoint.PATH + "*").handler(ctx -> yjs.handle(ctx.request()));
    StaticPages.mount(router);
    rest.mount(router);
    return router;
  }

  /** One per event loop; Vert.x spreads connections over them. */
  private final class Listener extends AbstractVerticle {
    @Override
    public void start(Promise<Void> started) {
      HttpServer server = vertx.createHttpServer(httpOptions()).requestHandler(router());
      server
          .listen()
          .onSuccess(listening -> port = listening.actualPort())
          .<Void>mapEmpty()
          .onComplete(started);
    }
  }
}
