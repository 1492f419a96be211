package io.aetherflow.local.server;

import io.aetherflow.local.store.ObjectStore;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.ExecutionException;

/**
 * The local Kubernetes API: a store of objects served over HTTPS on 127.0.0.1. Thread-safe; {@link
 * #close} ends all watches and keeps the objects.
 */
public final class ApiServer implements AutoCloseable {
  private final Vertx vertx;
  private final HttpApi api;
  private final HttpServer http;
  private final ObjectStore store;
  private final Tokens tokens;
  private final Pki pki;
  private final Path kubeconfig;

  private ApiServer(
      Vertx vertx,
      HttpApi api,
      HttpServer http,
      ObjectStore store,
      Tokens tokens,
      Pki pki,
      Path kubeconfig) {
    this.vertx = vertx;
    this.api = api;
    this.http = http;
    this.store = store;
    this.tokens = tokens;
    this.pki = pki;
    this.kubeconfig = kubeconfig;
  }

  /**
   * Opens the stored objects, listens and serves.
   *
   * @throws IOException when the state directory or the port cannot be used
   */
  public static ApiServer start(ApiServerOptions options) throws IOException {
    ApiServer server = prepare(options);
    server.serve();
    return server;
  }

  /**
   * The same, but clients are told to come back until {@link #serve}: what the objects say may be
   * from before a restart.
   */
  public static ApiServer prepare(ApiServerOptions options) throws IOException {
    Path state = options.stateDirectory();
    Files.createDirectories(state);
    Pki pki = Pki.open(state.resolve("pki"), options.clock());
    Tokens tokens = new Tokens(state.resolve("pki"));
    ObjectStore store =
        new ObjectStore(state.resolve("objects"), options.serviceNetwork(), options.clock());
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(2)
                .setWorkerPoolSize(4)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    HttpApi api = new HttpApi(vertx, store.resources(), tokens, options);
    HttpServer http = vertx.createHttpServer(tls(pki, options.port()));
    try {
      http.requestHandler(api::handle).listen().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      vertx.close();
      store.close();
      throw new IOException(
          "cannot listen on 127.0.0.1:" + options.port() + ": " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
    Path kubeconfig = state.resolve("kubeconfig");
    ApiServer server = new ApiServer(vertx, api, http, store, tokens, pki, kubeconfig);
    Files.writeString(state.resolve("api.port"), Integer.toString(http.actualPort()));
    Pki.writePrivate(kubeconfig, server.kubeconfigText());
    return server;
  }

  private static HttpServerOptions tls(Pki pki, int port) {
    // HTTP/1.1 only: one connection per watch keeps back pressure per client.
    return new HttpServerOptions()
        .setHost("127.0.0.1")
        .setPort(port)
        .setSsl(true)
        .setUseAlpn(false)
        .setCompressionSupported(false)
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(pki.certificatePem()))
                .addKeyValue(Buffer.buffer(pki.keyPem())));
  }

  private String kubeconfigText() {
    String ca = Base64.getEncoder().encodeToString(pki.caPem().getBytes(StandardCharsets.UTF_8));
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: aetherflow-local
      cluster:
        server: https://127.0.0.1:%d
        certificate-authority-data: %s
    users:
    - name: admin
      user:
        token: %s
    contexts:
    - name: aetherflow-local
      context:
        cluster: aetherflow-local
        user: admin
        namespace: default
    current-context: aetherflow-local
    """
        .formatted(port(), ca, tokens.admin());
  }

  /** Lets clients in. */
  public void serve() {
    api.serve();
  }

  public ObjectStore objects() {
    return store;
  }

  public Tokens tokens() {
    return tokens;
  }

  public int port() {
    return http.actualPort();
  }

  /** The CA that signed the server's certificate, PEM; pods get it as {@code ca.crt}. */
  public String caPem() {
    return pki.caPem();
  }

  /** A kubeconfig of the administrator, readable by the owner only. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void close() throws IOException {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IOException("cannot stop the server: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      store.close();
    }
  }
}
