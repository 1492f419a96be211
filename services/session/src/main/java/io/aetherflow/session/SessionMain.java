package io.aetherflow.session;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.RuntimeOptions;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.grpc.Server;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** The session pod. */
public final class SessionMain {
  private static final String SERVICE = "session-service";
  private static final int PORT = 9090;
  private static final long SWEEP_SECONDS = 60;
  private static final long STOP_SECONDS = 5;

  private SessionMain() {}

  public static void main(String[] args) throws InterruptedException {
    try {
      run(AetherRuntime.start(RuntimeOptions.fromEnvironment(System.getenv())));
    } catch (IOException | IllegalArgumentException e) {
      System.err.println(SERVICE + ": " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(AetherRuntime runtime) throws IOException, InterruptedException {
    Clock clock = Clock.systemUTC();
    SecureRandom random = new SecureRandom();
    SessionStore store = new SessionStore(runtime.etcd().client());
    SessionEnds ends = new SessionEnds();
    PrefixMirror mirror =
        new PrefixMirror(
            runtime.etcd().client(), EtcdKeys.SESSIONS, runtime.scheduler(), random, ends::changed);
    Server server =
        runtime
            .transports()
            .server(PORT)
            .addService(new SessionGrpc(store, new ResumeTokens(random), ends, clock))
            .build()
            .start();
    Gauge.builder(
            "session.active.sessions",
            () ->
                ActiveSessions.share(
                    ends.sessions(), runtime.discovery().instances(SERVICE).size()))
        .description("Live sessions of the cluster, shared out among the instances")
        .register(runtime.meters());
    Sweeper sweeper = new Sweeper(store, clock);
    runtime
        .scheduler()
        .scheduleWithFixedDelay(
            () -> Thread.ofVirtual().name("sweep").start(sweeper),
            SWEEP_SECONDS / 2 + random.nextLong(SWEEP_SECONDS),
            SWEEP_SECONDS,
            TimeUnit.SECONDS);
    runtime.register(SERVICE, PORT);
    runtime.onDrain("session-watch", mirror::close);
    runtime.onDrain("grpc", () -> stop(server));
    runtime.awaitTermination();
  }

  private static void stop(Server server) {
    server.shutdown();
    try {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    }
  }
}
