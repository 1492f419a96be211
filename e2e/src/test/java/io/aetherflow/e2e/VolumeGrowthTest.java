package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** etcd's volumes grow under the running members; they do not shrink, and that holds up nothing. */
@ClusterTest
@LocalOnly
@Order(61)
class VolumeGrowthTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  private final Cluster cluster;

  VolumeGrowthTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void volumesGrowWithoutARestartAndDoNotShrink() {
    cluster.awaitReady();
    StatefulSet set = set();
    Map<String, String> pods = pods();
    try (Recording recording = cluster.afc().record()) {
      size("2Gi");
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> set() != null && "2Gi".equals(templateSize(set())));
      cluster.awaitReady();
      assertThat(recording.states())
          .as("healthy members meanwhile")
          .extracting(state -> state.display("etcd"))
          .containsOnly("3/3");
    }
    assertThat(set().getMetadata().getUid()).isNotEqualTo(set.getMetadata().getUid());
    assertThat(pods()).isEqualTo(pods);
    for (int i = 0; i < 3; i++) {
      assertThat(claimSize("data-demo-etcd-" + i)).isEqualTo("2Gi");
    }

    size("1Gi");
    cluster
        .afc()
        .await(
            "told that volumes do not shrink",
            TIMEOUT,
            state -> state.condition("StorageApplied").toString().contains("do not shrink"));
    long generation = cluster.afc().patchFecRatio(35).generation();
    cluster.afc().awaitApplied(generation, TIMEOUT);

    cluster.afc().patchFecRatio(30);
    size("2Gi");
    cluster.awaitReady();
  }

  private void size(String size) {
    cluster.afc().patch("{\"spec\":{\"etcd\":{\"storage\":{\"size\":\"" + size + "\"}}}}");
  }

  private StatefulSet set() {
    return cluster
        .client()
        .apps()
        .statefulSets()
        .inNamespace(Cluster.NAMESPACE)
        .withName("demo-etcd")
        .get();
  }

  private static String templateSize(StatefulSet set) {
    return set.getSpec()
        .getVolumeClaimTemplates()
        .getFirst()
        .getSpec()
        .getResources()
        .getRequests()
        .get("storage")
        .toString();
  }

  private String claimSize(String name) {
    return cluster
        .client()
        .persistentVolumeClaims()
        .inNamespace(Cluster.NAMESPACE)
        .withName(name)
        .get()
        .getStatus()
        .getCapacity()
        .get("storage")
        .toString();
  }

  private Map<String, String> pods() {
    Map<String, String> uids = new TreeMap<>();
    cluster
        .pods("etcd")
        .forEach(pod -> uids.put(pod.getMetadata().getName(), pod.getMetadata().getUid()));
    return uids;
  }
}
