package io.aetherflow.gateway;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTPS with a certificate that may come later and changes now and then. It listens as soon as
 * there is one. Connections that stand keep the certificate they began with, new ones get the new.
 * Started once; {@link #port()} may be read from any thread.
 */
final class HttpsDoor {
  private static final Logger LOG = LoggerFactory.getLogger(HttpsDoor.class);

  /** How long a change of the files may go unseen; a mount tells nobody when it is swapped. */
  private static final long LOOK_EVERY_MILLIS = 1_000;

  /** Against peers that connect and then say nothing, each of which holds a connection. */
  private static final long HANDSHAKE_MILLIS_MAX = 5_000;

  private final Vertx vertx;
  private final HttpServerOptions options;
  private final int listeners;
  private final TlsFiles files;
  private final Supplier<Router> router;
  private final Executor blocking;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /**
   * @param options of a server without TLS
   * @param listeners one for each event loop
   * @param router makes what each of them serves
   * @param blocking where files are read
   */
  HttpsDoor(
      Vertx vertx,
      HttpServerOptions options,
      int listeners,
      TlsFiles files,
      Supplier<Router> router,
      Executor blocking) {
    this.vertx = vertx;
    this.options = options;
    this.listeners = listeners;
    this.files = files;
    this.router = router;
    this.blocking = blocking;
  }

  /** Returns when the certificate that is there, if any, is served. */
  void start() {
    look().join();
  }

  /** Where it listens. */
  OptionalInt port() {
    return servers.stream().mapToInt(HttpServer::actualPort).findFirst();
  }

  /** Takes up no further certificate; the servers end with Vert.x. */
  void stopLooking() {
    stopped = true;
  }

  /** One look ends before the next begins, so the files need no lock. */
  private CompletableFuture<Void> look() {
    return CompletableFuture.supplyAsync(files::changed, blocking)
        .thenCompose(changed ->
            changed
                .map(certificate -> use(certificate).toCompletionStage())
                .orElseGet(() -> CompletableFuture.completedStage(null)))
        .handle((_, failure) -> {
          if (failure != null) {
            LOG.atError()
                .addKeyValue("action", "https_failed")
                .log("HTTPS cannot be served, trying again: {}", failure.toString());
            files.forget();
          }
          if (!stopped) {
            vertx.setTimer(LOOK_EVERY_MILLIS, _ -> look());
          }
          return null;
        });
  }

  private Future<Void> use(KeyCertOptions certificate) {
    if (servers.isEmpty()) {
      Queue<HttpServer> opened = new ConcurrentLinkedQueue<>();
      HttpServerOptions secure =
          new HttpServerOptions(options)
              .setSsl(true)
              // A WebSocket opens on HTTP/1.1, and over TLS clients would choose HTTP/2.
              .setUseAlpn(false)
              .setSslHandshakeTimeout(HANDSHAKE_MILLIS_MAX)
              .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
              .setKeyCertOptions(certificate);
      return vertx
          .deployVerticle(
              () -> new Listener(secure, opened), new DeploymentOptions().setInstances(listeners))
          .onSuccess(_ -> servers.addAll(opened))
          .mapEmpty();
    }
    ServerSSLOptions changed =
        new ServerSSLOptions()
            .setSslHandshakeTimeout(HANDSHAKE_MILLIS_MAX)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setKeyCertOptions(certificate);
    return Future.all(servers.stream().map(each -> each.updateSSLOptions(changed)).toList())
        .mapEmpty();
  }

  private final class Listener extends AbstractVerticle {
    private final HttpServerOptions secure;
    private final Queue<HttpServer> opened;

    Listener(HttpServerOptions secure, Queue<HttpServer> opened) {
      this.secure = secure;
      this.opened = opened;
    }

    @Override
    public void start(Promise<Void> started) {
      vertx
          .createHttpServer(secure)
          .requestHandler(router.get())
          .listen()
          .onSuccess(opened::add)
          .<Void>mapEmpty()
          .onComplete(started);
    }
  }
}
