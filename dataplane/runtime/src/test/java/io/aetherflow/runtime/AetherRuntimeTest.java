package io.aetherflow.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.FecMode;
import io.aetherflow.api.LogLevel;
import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AetherRuntimeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String STATUS = EtcdKeys.appliedTuning("session-service", "s-0");
  private static final Tuning EDITED = new Tuning(FecMode.FIXED, 8, 50, 4, 277, 64, LogLevel.DEBUG);

  private final EtcdServer etcd = EtcdServer.prepare();
  private AetherRuntime runtime;
  private Client observer;

  @BeforeEach
  void observe() {
    observer = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    observer.close();
    etcd.close();
  }

  @Test
  void isBornBeforeEtcdAndJoinsWhenItComes() throws Exception {
    runtime = pod();
    runtime.register("session-service", 9090);
    assertThat(http(runtime.healthPort(), "/healthz").statusCode()).isEqualTo(200);
    assertThat(http(runtime.healthPort(), "/readyz").body()).contains("etcd has not answered yet");
    assertThat(runtime.tuning().current()).isEqualTo(Tuning.DEFAULT);

    etcd.start();

    await().atMost(PATIENCE).until(() -> value("/services/session-service/s-0").isPresent());
    assertThat(value("/services/session-service/s-0")).contains("127.0.0.1:9090");
    await().atMost(PATIENCE).until(() -> http(runtime.healthPort(), "/readyz").statusCode() == 200);
    assertThat(http(runtime.metricsPort(), "/metrics").body()).contains("jvm_memory_used_bytes");
  }

  @Test
  void appliesAndConfirmsWholeRevisionsOnly() {
    etcd.start();
    runtime = pod();
    long first = publish(Tuning.DEFAULT.entries());
    await().atMost(PATIENCE).until(() -> confirmedRevision() == first);

    long second = publish(EDITED.entries());
    await().atMost(PATIENCE).until(() -> confirmedRevision() == second);
    assertThat(runtime.tuning().current()).isEqualTo(EDITED);
    assertThat(((Logger) LoggerFactory.getLogger("io.aetherflow")).getLevel())
        .isEqualTo(Level.DEBUG);
    AppliedTuning confirmed = confirmed().orElseThrow();
    assertThat(confirmed.podUid()).isEqualTo("uid-s-0");
    assertThat(confirmed.rejected()).isEmpty();

    Map<String, String> bad = new TreeMap<>(Tuning.DEFAULT.entries());
    bad.put("/config/quantum/fec-ratio", "1.5");
    publish(bad);
    await().atMost(PATIENCE).until(() -> !confirmed().orElseThrow().rejected().isEmpty());
    assertThat(confirmedRevision()).isEqualTo(second);
    assertThat(runtime.tuning().current()).isEqualTo(EDITED);

    publish(Map.of("/config/quantum/max-cwnd", "128"));
    long healed = publish(Tuning.DEFAULT.entries());
    await().atMost(PATIENCE).until(() -> confirmedRevision() == healed);
    assertThat(runtime.tuning().current()).isEqualTo(Tuning.DEFAULT);
  }

  @Test
  void whatItHoldsReturnsAfterAKillAndAfterALossOfAllData() {
    etcd.start();
    runtime = pod();
    runtime.register("session-service", 9090);
    await().atMost(PATIENCE).until(() -> value("/services/session-service/s-0").isPresent());

    etcd.kill();
    etcd.start();
    await().atMost(PATIENCE).until(() -> value("/services/session-service/s-0").isPresent());

    for (int edit = 0; edit < 20; edit++) {
      publish(Tuning.DEFAULT.entries());
    }
    long before = publish(EDITED.entries());
    await().atMost(PATIENCE).until(() -> confirmedRevision() == before);
    etcd.kill();
    etcd.loseData();
    etcd.start();
    await().atMost(PATIENCE).until(() -> value("/services/session-service/s-0").isPresent());
    assertThat(runtime.tuning().current()).as("the last good tuning stays").isEqualTo(EDITED);

    long restored = publish(Tuning.DEFAULT.entries());
    assertThat(restored).as("a new etcd counts from the start").isLessThan(before);
    await().atMost(PATIENCE).until(() -> confirmedRevision() == restored);
    assertThat(runtime.tuning().current()).isEqualTo(Tuning.DEFAULT);
  }

  @Test
  void othersFindItAndForgetItWhenItEnds() {
    etcd.start();
    runtime = pod();
    try (AetherRuntime other = TestRuntimes.start(etcd, "session-service", "s-1")) {
      other.register("session-service", 9191);
      runtime.register("session-service", 9090);
      await()
          .atMost(PATIENCE)
          .until(() ->
              runtime
                  .discovery()
                  .instances("session-service")
                  .keySet()
                  .equals(java.util.Set.of("s-0", "s-1")));
    }
    await()
        .atMost(PATIENCE)
        .until(() ->
            runtime
                .discovery()
                .instances("session-service")
                .keySet()
                .equals(java.util.Set.of("s-0")));
  }

  @Test
  void aDeadEndpointAmongLivingOnesIsNoObstacle() {
    etcd.start();
    runtime =
        TestRuntimes.start(
            List.of(URI.create("http://127.0.0.1:1"), etcd.endpoint()),
            "session-service",
            "s-0",
            Duration.ofSeconds(3),
            "/clusters/a");
    runtime.register("session-service", 9090);
    await()
        .atMost(PATIENCE)
        .until(() -> value("/clusters/a/services/session-service/s-0").isPresent());
  }

  private AetherRuntime pod() {
    return TestRuntimes.start(etcd, "session-service", "s-0");
  }

  private long publish(Map<String, String> entries) {
    Op[] puts =
        entries.entrySet().stream()
            .map(e -> Op.put(Bytes.of(e.getKey()), Bytes.of(e.getValue()), PutOption.DEFAULT))
            .toArray(Op[]::new);
    return observer.getKVClient().txn().Then(puts).commit().join().getHeader().getRevision();
  }

  private long confirmedRevision() {
    return confirmed().map(AppliedTuning::revision).orElse(-1L);
  }

  private Optional<AppliedTuning> confirmed() {
    return value(STATUS).map(AppliedTuning::fromJson);
  }

  private Optional<String> value(String key) {
    List<KeyValue> found =
        observer.getKVClient().get(Bytes.of(key), GetOption.DEFAULT).join().getKvs();
    return found.stream().findFirst().map(kv -> Bytes.text(kv.getValue()));
  }

  private static HttpResponse<String> http(int port, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
