package io.aetherflow.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.local.install.Installer;
import io.aetherflow.local.server.ApiServer;
import io.aetherflow.local.server.ApiServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An API server that restarts while the operator does. */
class LateApiTest {
  private static final Duration BEGINS = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void theOperatorWaitsForTheApiAndThenStarts() throws Exception {
    Path log = directory.resolve("operator.log");
    try (ApiServer api = ApiServer.prepare(ApiServerOptions.of(directory.resolve("api"), 0))) {
      new Installer(api.objects().resources()).install(Path.of("../config/default"));
      CompletableFuture<OperatorProcess> started =
          CompletableFuture.supplyAsync(() -> start(api, log));
      await()
          .atMost(BEGINS)
          .until(() -> Files.exists(log) && Files.readString(log).contains("does not answer yet"));
      api.serve();
      try (OperatorProcess operator = started.get(60, TimeUnit.SECONDS)) {
        assertThat(operator.heapBytes()).as("it lives and answers").isPositive();
      }
    }
  }

  private OperatorProcess start(ApiServer api, Path log) {
    try {
      Path kubeconfig = directory.resolve("operator.kubeconfig");
      String token = api.tokens().issue(OperatorProcess.NAMESPACE, OperatorProcess.ACCOUNT);
      Files.writeString(
          kubeconfig, Files.readString(api.kubeconfig()).replace(api.tokens().admin(), token));
      return OperatorProcess.start(kubeconfig, log, "128m", Map.of("LEADER_ELECTION", "false"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
