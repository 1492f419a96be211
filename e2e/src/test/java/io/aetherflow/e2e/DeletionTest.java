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
  private static final String CLAIM = "data-keep-etcd-0";
  private static final String KEY = "/e2e/deletion";

  /** One member and nothing else that runs. */
  private static final String RESOURCE =
      """
      apiVersion: aetherflow.io/v1alpha1
      kind: AetherFlowCluster
      metadata: {name: keep}
      spec:
        profile: Development
        etcd: {replicas: 1}
        gateway: {replicas: 0}
        session: {replicas: 0}
        stateSync: {replicas: 0}
      """;

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
    cluster.kubectl().run("delete", "pvc", CLAIM, "--ignore-not-found").ok();
  }

  @Test
  void retainedDataIsTakenUpAndDataToBeDeletedGoes() {
    put("first");
    String claim = uid(claim());

    delete();
    awaitNoMember();
    assertThat(uid(claim())).as("by default the claim stays").isEqualTo(claim);
    create();
    assertThat(value()).as("the next cluster of the name goes on with it").isEqualTo("first");
    assertThat(uid(claim())).isEqualTo(claim);

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
    Awaitility.await("a claim that goes with its StatefulSet")
        .atMost(TIMEOUT)
        .until(() -> !claim().getMetadata().getOwnerReferences().isEmpty());
    delete();
    awaitNoMember();
    Awaitility.await("no claim").atMost(TIMEOUT).until(() -> claim() == null);
  }

  @Test
  void whatIsOrphanedRunsOnAndIsTakenOver() {
    put("orphaned");
    String claim = uid(claim());
    String member = uid(member());

    cluster.kubectl().run("delete", "aetherflow", NAME, "--cascade=orphan").ok();
    assertThat(uid(member())).as("its member runs on").isEqualTo(member);
    assertThat(value()).isEqualTo("orphaned");
    create();

    assertThat(uid(member())).as("taken over without a restart").isEqualTo(member);
    assertThat(uid(claim())).isEqualTo(claim);
    assertThat(value()).isEqualTo("orphaned");
    delete();
    awaitNoMember();
    assertThat(uid(claim())).as("and still retained").isEqualTo(claim);
  }

  private void create() {
    cluster.kubectl().runWithInput(RESOURCE, "apply", "-f", "-").ok();
    new Afc(cluster.client(), Cluster.NAMESPACE, NAME)
        .await(
            "a cluster of one member",
            TIMEOUT,
            state ->
                state.condition("EtcdAvailable").isTrue() && state.display("etcd").equals("1/1"));
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
        member().getStatus().getPodIP(),
        cluster
            .client()
            .secrets()
            .inNamespace(Cluster.NAMESPACE)
            .withName(NAME + "-etcd-certs")
            .get());
  }

  private Pod member() {
    return cluster.pods(NAME, "etcd").getFirst();
  }

  private PersistentVolumeClaim claim() {
    return cluster
        .client()
        .persistentVolumeClaims()
        .inNamespace(Cluster.NAMESPACE)
        .withName(CLAIM)
        .get();
  }

  private static String uid(HasMetadata object) {
    return object.getMetadata().getUid();
  }
}
