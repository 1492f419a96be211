package io.aetherflow.gateway.testing;

import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GatewayServer;
import io.aetherflow.gateway.Limits;
import io.aetherflow.gateway.auth.AuthException;
import io.aetherflow.gateway.auth.Grants;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.cluster.Pods;
import io.aetherflow.gateway.ws.Origins;
import io.aetherflow.runtime.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Gateways for tests; a token is "user" or "user/seconds until it expires". */
public final class TestGateway {
  /** That these gateways take at once. */
  public static final int SOCKETS = 100;

  private static final TokenVerifier TOKENS =
      token -> {
        if (token.isEmpty() || token.equals("bad")) {
          throw new AuthException("bad token");
        }
        String[] parts = token.split("/");
        long seconds = parts.length > 1 ? Long.parseLong(parts[1]) : 3600;
        return new Principal(parts[0], Instant.now().plusSeconds(seconds), Grants.ALL, false);
      };

  private TestGateway() {}

  /** Small ones. */
  public static Limits limits(
      int messagesPerSecond,
      int messageBurst,
      int requestsPerSecond,
      int socketsPerUser,
      Duration heartbeat) {
    return new Limits(
        4096,
        65536,
        2,
        3,
        8 * 1024,
        messagesPerSecond,
        messageBurst,
        requestsPerSecond,
        SOCKETS,
        socketsPerUser,
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        heartbeat);
  }

  public static GatewayServer start(Backends backends, String name, Limits limits) {
    return start(backends, name, limits, TOKENS);
  }

  /** With real tokens. */
  public static GatewayServer start(
      Backends backends, String name, Limits limits, TokenVerifier tokens) {
    return start(backends, name, limits, tokens, Pods.NONE);
  }

  /** With pods for the console. */
  public static GatewayServer start(
      Backends backends, String name, Limits limits, TokenVerifier tokens, Pods pods) {
    return start(
        new GatewayServer.Options(name, "127.0.0.1", 0, limits, Origins.parse("")),
        backends,
        tokens,
        pods);
  }

  /** With HTTPS as soon as the directory holds a certificate. */
  public static GatewayServer startSecure(Backends backends, Path certificateDir) {
    return start(
        new GatewayServer.Options(
            "gateway",
            "127.0.0.1",
            0,
            Optional.of(new GatewayServer.Https(0, certificateDir)),
            Limits.DEFAULTS,
            Origins.parse("")),
        backends,
        TOKENS,
        Pods.NONE);
  }

  private static GatewayServer start(
      GatewayServer.Options options, Backends backends, TokenVerifier tokens, Pods pods) {
    GatewayServer server =
        new GatewayServer(
            options,
            backends,
            pods,
            tokens,
            new SimpleMeterRegistry(),
            Tracing.NONE,
            Clock.systemUTC());
    server.start();
    return server;
  }
}
