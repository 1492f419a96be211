package io.aetherflow.gateway;

import io.aetherflow.gateway.auth.HmacTokenVerifier;
import io.aetherflow.gateway.auth.JwksTokenVerifier;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.auth.TokenVerifiers;
import io.aetherflow.gateway.cluster.EtcdPods;
import io.aetherflow.gateway.ws.Origins;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.RuntimeOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway pod. */
public final class GatewayMain {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayMain.class);
  private static final int PORT = 8080;
  private static final int HTTPS_PORT = 8443;

  private GatewayMain() {}

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> environment = System.getenv();
    try {
      run(environment);
    } catch (IOException | RuntimeException e) {
      LOG.atError().addKeyValue("action", "start_failed").log("cannot start: {}", e.getMessage());
      System.exit(1);
    }
  }

  private static void run(Map<String, String> environment)
      throws IOException, InterruptedException {
    TokenVerifier tokens = tokens(environment);
    AetherRuntime runtime = AetherRuntime.start(RuntimeOptions.fromEnvironment(environment));
    EtcdPods pods =
        new EtcdPods(
            runtime.etcd(), runtime.scheduler(), new SecureRandom(), runtime.metricsPort());
    GatewayServer server =
        new GatewayServer(
            options(environment, runtime),
            new RuntimeBackends(runtime.transports()),
            pods,
            tokens,
            runtime.meters(),
            runtime.tracing(),
            Clock.systemUTC());
    AtomicBoolean listening = new AtomicBoolean();
    runtime
        .health()
        .addReadinessCheck(
            "http", () -> listening.get() ? Optional.empty() : Optional.of("not listening yet"));
    for (String service : new String[] {RuntimeBackends.SESSION, RuntimeBackends.STATE_SYNC}) {
      runtime.health().addReadinessCheck(service, seenOnce(runtime, service));
    }
    server.start();
    listening.set(true);
    runtime.register(runtime.pod().service(), server.port());
    runtime.onDrain("sockets", () -> drain(server));
    runtime.onDrain("http", server::close);
    runtime.onDrain("pods", pods::close);
    LOG.atInfo().addKeyValue("action", "listening").log("serving on port {}", server.port());
    runtime.awaitTermination();
  }

  private static TokenVerifier tokens(Map<String, String> environment) throws IOException {
    String audience = environment.getOrDefault("GATEWAY_JWT_AUDIENCE", "aetherflow");
    HmacTokenVerifier shared = shared(environment, audience);
    String jwks = environment.getOrDefault("GATEWAY_JWKS_URL", "").strip();
    if (jwks.isEmpty()) {
      return shared;
    }
    return new TokenVerifiers(
        shared,
        new JwksTokenVerifier(
            jwksUri(jwks),
            audience,
            environment.getOrDefault("GATEWAY_JWT_ISSUER", ""),
            task -> Thread.ofVirtual().name("jwks").start(task),
            Clock.systemUTC(),
            System::nanoTime));
  }

  private static URI jwksUri(String text) throws IOException {
    try {
      URI uri = URI.create(text);
      if ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The sentence below says what is wanted.
    }
    throw new IOException("GATEWAY_JWKS_URL is '" + text + "'; it must be an http or https URL");
  }

  private static HmacTokenVerifier shared(Map<String, String> environment, String audience)
      throws IOException {
    String file = environment.getOrDefault("JWT_SECRET_FILE", "/etc/aetherflow/jwt/secret");
    try {
      return new HmacTokenVerifier(
          Path.of(file), audience, "", Clock.systemUTC(), System::nanoTime);
    } catch (IOException e) {
      throw new IOException(
          "JWT_SECRET_FILE " + file + " cannot be used (" + e.getMessage() + "); mount the secret",
          e);
    }
  }

  private static GatewayServer.Options options(
      Map<String, String> environment, AetherRuntime runtime) {
    return new GatewayServer.Options(
        runtime.pod().name(),
        runtime.pod().listenAddress(),
        port(environment, "GATEWAY_PORT", PORT),
        https(environment),
        Limits.fromEnvironment(environment),
        Origins.parse(environment.getOrDefault("GATEWAY_ALLOWED_ORIGINS", "")));
  }

  private static Optional<GatewayServer.Https> https(Map<String, String> environment) {
    String dir = environment.getOrDefault("GATEWAY_TLS_DIR", "").strip();
    return dir.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GatewayServer.Https(
                port(environment, "GATEWAY_TLS_PORT", HTTPS_PORT), Path.of(dir)));
  }

  private static int port(Map<String, String> environment, String name, int absent) {
    String text = environment.getOrDefault(name, "").strip();
    return text.isEmpty() ? absent : Integer.parseInt(text);
  }

  /** Once seen, a service's outage is answered per request, not by taking the gateways away. */
  private static Supplier<Optional<String>> seenOnce(AetherRuntime runtime, String service) {
    AtomicBoolean seen = new AtomicBoolean();
    return () -> {
      if (!seen.get() && !runtime.discovery().instances(service).isEmpty()) {
        seen.set(true);
      }
      return seen.get() ? Optional.empty() : Optional.of("no instance has registered yet");
    };
  }

  private static void drain(GatewayServer server) {
    try {
      server.drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
