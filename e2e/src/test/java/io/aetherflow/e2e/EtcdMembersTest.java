package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * etcd's members come, go and lose their data under a writer, and no acknowledged write is lost.
 */
@ClusterTest
@Order(75)
class EtcdMembersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(180);

  /** Keeps the log short: a client replays all of it in the end. */
  private static final int OPS_PER_SECOND = 40;

  private final Cluster cluster;
  private AfcState before;

  EtcdMembersTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void settle() {
    cluster.awaitReady();
    before = cluster.afc().get();
  }

  @AfterEach
  void restore() {
    cluster.afc().restore(before);
    cluster.awaitReady();
  }

  @Test
  void oneThreeFiveThreeUnderAWriter() throws Exception {
    scale(1);
    try (Writing writing = new Writing(cluster)) {
      for (int members : List.of(3, 5, 3)) {
        scale(members);
      }
      writing.check();
    }
  }

  @Test
  @LocalOnly
  void aMemberWhoseDataDirectoryIsWipedComesBackUnaided() throws Exception {
    Map<String, String> ids = cluster.afc().get().etcdMemberIds();
    Pod victim = cluster.pods("etcd").get(1);
    String name = victim.getMetadata().getName();
    try (Writing writing = new Writing(cluster)) {
      Path volume = volumeOf(name);
      cluster.local().processes().ofPod(victim).kill();
      wipe(volume.resolve("data"));

      AfcState healed =
          cluster
              .afc()
              .await(
                  name + " back under a new id, all members healthy",
                  TIMEOUT,
                  state ->
                      state.settled()
                          && state.display("etcd").equals("3/3")
                          && !state.etcdMemberIds().get(name).equals(ids.get(name)));
      assertThat(healed.etcdMemberIds()).hasSize(3);
      writing.check();
    }
  }

  private void scale(int members) {
    cluster.afc().patch("{\"spec\":{\"etcd\":{\"replicas\":" + members + "}}}");
    String all = members + "/" + members;
    cluster
        .afc()
        .await(
            all + " members, settled, and nobody else shown",
            TIMEOUT,
            each ->
                each.settled()
                    && each.display("etcd").equals(all)
                    && each.condition("EtcdAvailable").reason().equals("AllMembersHealthy")
                    && each.etcdMemberIds().size() == members);
    assertThat(cluster.pods("etcd")).hasSize(members);
  }

  private Path volumeOf(String member) {
    String name =
        cluster
            .client()
            .persistentVolumeClaims()
            .inNamespace(Cluster.NAMESPACE)
            .withName("data-" + member)
            .get()
            .getSpec()
            .getVolumeName();
    PersistentVolume volume = cluster.client().persistentVolumes().withName(name).get();
    return Path.of(volume.getSpec().getHostPath().getPath());
  }

  private static void wipe(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** A client that edits one document without pause until it is checked. */
  private static final class Writing implements AutoCloseable {
    private final Door door;
    private final Tokens tokens;
    private final String document = "e2e-" + UUID.randomUUID();
    private final Editor ada;
    private final Thread pace;
    private volatile boolean stop;

    Writing(Cluster cluster) {
      tokens = Tokens.of(cluster);
      door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
      ada = new Editor("ada", door, tokens.mint("ada"), document);
      ada.awaitAttached(TIMEOUT);
      pace = Thread.ofVirtual().start(this::write);
    }

    private void write() {
      try {
        while (!stop) {
          ada.write(1);
          Thread.sleep(1_000 / OPS_PER_SECOND);
        }
      } catch (InterruptedException e) {
        // Closed.
      }
    }

    void check() throws InterruptedException {
      stop = true;
      pace.join();
      ada.awaitAcked(TIMEOUT);
      int written = Ledger.check(door, tokens.mint("carol"), document, ada).size();
      assertThat(written).as("operations written meanwhile").isGreaterThan(OPS_PER_SECOND);
      System.out.printf("%d operations acknowledged, all found%n", written);
    }

    @Override
    public void close() {
      stop = true;
      pace.interrupt();
      ada.close();
      door.close();
    }
  }
}
