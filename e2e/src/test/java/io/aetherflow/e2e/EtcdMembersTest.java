package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Writing;
import io.aetherflow.e2e.etcd.MemberVolume;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
      MemberVolume volume = MemberVolume.of(cluster, name);
      // In this order, or its successor might find what is being deleted.
      volume.wipe();
      cluster.local().processes().ofPod(victim).kill();

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
}
