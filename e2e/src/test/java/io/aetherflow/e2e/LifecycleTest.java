package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.cluster.LocalCluster;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.cluster.Processes.Proc;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./aetherflow up} and {@code down}, and what they leave behind. Last: it stops the cluster.
 */
@ClusterTest
@LocalOnly
@Order(100)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LifecycleTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration UP_MAX = Duration.ofSeconds(60);
  private static final Duration DOWN_MAX = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final LocalCluster local;

  LifecycleTest(Cluster cluster) {
    this.cluster = cluster;
    this.local = cluster.local();
  }

  @Test
  @Order(1)
  void aSecondUpSaysThatItRuns() {
    Command.Result up = local.up().ok();
    assertThat(up.out() + up.err()).contains("already runs");
  }

  @Test
  @Order(2)
  void podsOutliveTheLocalKubernetesAndAreAdopted() {
    cluster.awaitReady();
    Map<String, Long> before = pidsByPod();
    Proc server = local.processes().server().orElseThrow();

    server.kill();
    Awaitility.await("a new local Kubernetes after the death of process " + server.pid())
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(() -> {
          cluster.connect();
          return local.processes().server().filter(now -> now.pid() != server.pid()).isPresent()
              && cluster.afc().get().settled();
        });
    local.up().ok();

    assertThat(pidsByPod()).isEqualTo(before);
    long generation = cluster.afc().patchFecRatio(33).generation();
    cluster.afc().awaitApplied(generation, TIMEOUT);
    cluster.afc().awaitApplied(cluster.afc().patchFecRatio(30).generation(), TIMEOUT);
  }

  private Map<String, Long> pidsByPod() {
    Map<String, Long> pids = new TreeMap<>();
    Stream.concat(cluster.dataPlanePods().stream(), cluster.pods("etcd").stream())
        .forEach(pod -> pids.put(pod.getMetadata().getName(), local.processes().ofPod(pod).pid()));
    return pids;
  }

  @Test
  @Order(3)
  void downAndUpKeepTheResourceAndItsDocuments() {
    cluster.awaitReady();
    AfcState before = cluster.afc().get();
    Tokens tokens = Tokens.of(cluster);
    String document = "e2e-" + UUID.randomUUID();
    Editor ada = write(tokens, document);

    long downNs = timed(() -> local.down().ok());
    assertNothingIsLeft();
    long upNs = timed(() -> local.up().ok());
    cluster.connect();
    cluster.awaitReady();

    assertThat(cluster.afc().get().uid()).isEqualTo(before.uid());
    assertThat(cluster.afc().get().spec()).isEqualTo(before.spec());
    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor fresh = new Editor("fresh", door, tokens.mint("carol"), document)) {
      fresh.awaitSeq(ada.ops().size(), TIMEOUT);
      assertThat(fresh.ops()).isEqualTo(ada.ops());
    }
    System.out.printf("down took %.1f s, up to Ready %.1f s%n", downNs / 1e9, upNs / 1e9);
    assertThat(Duration.ofNanos(downNs)).as("down").isLessThan(DOWN_MAX);
    assertThat(Duration.ofNanos(upNs)).as("up to Ready").isLessThan(UP_MAX);
  }

  private Editor write(Tokens tokens, String document) {
    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document)) {
      ada.awaitAttached(TIMEOUT);
      ada.write(100);
      ada.awaitAcked(TIMEOUT);
      Ledger.check(door, tokens.mint("carol"), document, ada);
      return ada;
    }
  }

  @Test
  @Order(4)
  void interruptingUpLeavesNothingBehind(@TempDir Path dir) throws Exception {
    local.down().ok();
    Path output = dir.resolve("up.out");

    Process up = local.upInForeground(output);
    Awaitility.await("the closing block of a foreground up")
        .atMost(Duration.ofMinutes(2))
        .until(() -> !up.isAlive() || Files.readString(output).contains("Ctrl-C stops it"));
    assertThat(up.isAlive()).as("up ended by itself: %s", Files.readString(output)).isTrue();
    // A terminal sends SIGINT to the whole foreground process group, which up leads here.
    Command.run(List.of("kill", "-INT", "--", "-" + up.pid()), Map.of(), "", TIMEOUT).ok();

    assertThat(up.waitFor(30, TimeUnit.SECONDS)).as("up ends after SIGINT").isTrue();
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    Awaitility.await("no process and no mount of " + local.state())
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> {
          assertThat(local.processes().all()).as("processes").isEmpty();
          assertThat(local.processes().mounts()).as("mounts").isEmpty();
        });
  }

  private static long timed(Runnable action) {
    long startNs = System.nanoTime();
    action.run();
    return System.nanoTime() - startNs;
  }
}
