package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.Afc;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What becomes of etcd's data when a cluster is deleted, by {@code spec.deletionPolicy}. */
@ClusterTest
@LocalOnly
@Order(77)
class DeletionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);
  private static final String NAME = "keep";
  private static final int MEMBERS = 3;
  private static final String KEY = "/e2e/deletion";

  /** etcd and nothing else that runs. */
  private static final String RESOURCE =
      """
      apiVersion: aetherflow.io/v1alpha1
      kind: AetherFlowCluster
      metadata: {name: keep}
      spec:
        profile: Development
        etcd: {replicas: %d}
        gateway: {replicas: 0}
        session: {replicas: 0}
        stateSync: {replicas: 0}
      """
          .formatted(MEMBERS);

  private final Cluster cluster;

  DeletionTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void begin() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    cluster.awaitReady();
    create();
  }

  @AfterEach
  void cleanUp() {
    cluster.kubectl().run("delete", "aetherflow", NAME, "--ignore-not-found").ok();
    awaitNoMember();
    cluster.kubectl().run("delete", "pvc", "-l", Cluster.INSTANCE_LABEL + "=" + NAME).ok();
  }

  @Test
  void retainedDataIsTakenUpAndDataToBeDeletedGoes() {
    put("first");
    Set<String> claims = uids(claims());

    delete();
    awaitNoMember();
    assertThat(uids(claims())).as("by default the claims stay").hasSize(MEMBERS).isEqualTo(claims);
    create();
    assertThat(value()).as("the next cluster of the name goes on with it").isEqualTo("first");
    assertThat(uids(claims())).isEqualTo(claims);

    cluster
        .kubectl()
        .run(
            "patch",
            "aetherflow",
            NAME,
            "--type=merge",
            "-p",
            "{\"spec\":{\"deletionPolicy\":\"Delete\"}}")
        .ok();
    Awaitility.await("claims that go with their StatefulSet")
        .atMost(TIMEOUT)
        .until(() ->
            claims().stream().noneMatch(each -> each.getMetadata().getOwnerReferences().isEmpty()));
    delete();
    awaitNoMember();
    Awaitility.await("no claim").atMost(TIMEOUT).until(() -> claims().isEmpty());
  }

  @Test
  void whatIsOrphanedRunsOnAndIsTakenOver() {
    put("orphaned");
    Set<String> claims = uids(claims());
    Set<String> members = uids(members());

    cluster.kubectl().run("delete", "aetherflow", NAME, "--cascade=orphan").ok();
    assertThat(uids(members())).as("its members run on").isEqualTo(members);
    assertThat(value()).isEqualTo("orphaned");
    create();

    assertThat(uids(members())).as("taken over without a restart").isEqualTo(members);
    assertThat(uids(claims())).isEqualTo(claims);
    assertThat(value()).isEqualTo("orphaned");
    delete();
    awaitNoMember();
    assertThat(uids(claims())).as("and still retained").isEqualTo(claims);
  }

  private void create() {
    cluster.kubectl().runWithInput(RESOURCE, "apply", "-f", "-").ok();
    new Afc(cluster.client(), Cluster.NAMESPACE, NAME)
        .await(
            "a cluster with all its members",
            TIMEOUT,
            state ->
                state.condition("EtcdAvailable").isTrue()
                    && state.display("etcd").equals(MEMBERS + "/" + MEMBERS));
  }

  private void delete() {
    cluster.kubectl().run("delete", "aetherflow", NAME).ok();
  }

  private void awaitNoMember() {
    Awaitility.await("no member of " + NAME)
        .atMost(TIMEOUT)
        .until(() ->
            cluster
                .client()
                .pods()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel(Cluster.INSTANCE_LABEL, NAME)
                .list()
                .getItems()
                .isEmpty());
  }

  private void put(String value) {
    try (EtcdView etcd = etcd()) {
      etcd.put(KEY, value);
    }
  }

  private String value() {
    try (EtcdView etcd = etcd()) {
      return etcd.list(KEY).getFirst().value();
    }
  }

  private EtcdView etcd() {
    return new EtcdView(
        members().getFirst().getStatus().getPodIP(),
        cluster
            .client()
            .secrets()
            .inNamespace(Cluster.NAMESPACE)
            .withName(NAME + "-etcd-certs")
            .get());
  }

  private List<Pod> members() {
    return cluster.pods(NAME, "etcd");
  }

  private List<PersistentVolumeClaim> claims() {
    return cluster
        .client()
        .persistentVolumeClaims()
        .inNamespace(Cluster.NAMESPACE)
        .withLabel(Cluster.INSTANCE_LABEL, NAME)
        .list()
        .getItems();
  }

  private static Set<String> uids(List<? extends HasMetadata> objects) {
    return objects.stream().map(each -> each.getMetadata().getUid()).collect(Collectors.toSet());
  }
}
