package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The operator keeps what is others' and puts back what is its own. */
@ClusterTest
@Order(55)
class HealingTest {
  /** Promised is a second or two; the rest is for a machine that is busy. */
  private static final Duration HEAL_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String LABEL = "example.com/team";
  private static final String ANNOTATION = "example.com/note";
  private static final PatchContext FOREIGN =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager("somebody-else")
          .build();

  private final Cluster cluster;

  HealingTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void settle() {
    cluster.awaitReady();
  }

  @Test
  void foreignLabelsAndAnnotationsSurviveAnEditAndARestartOfTheOperator() {
    String mark =
        "{\"metadata\":{\"labels\":{\"%s\":\"red\"},\"annotations\":{\"%s\":\"kept\"}}}"
            .formatted(LABEL, ANNOTATION);
    gatewayDeployment().patch(FOREIGN, mark);
    gatewayService().patch(FOREIGN, mark);
    cluster.afc().patch(mark);
    AfcState before = cluster.afc().get();

    cluster.afc().awaitApplied(cluster.afc().patchFecRatio(35).generation(), TIMEOUT);
    assertMarked();

    Pod operator = cluster.operatorPod();
    cluster.client().resource(operator).delete();
    cluster
        .client()
        .resource(operator)
        .waitUntilCondition(gone -> gone == null, TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    cluster.afc().restore(before);
    cluster.afc().awaitApplied(cluster.afc().get().generation(), TIMEOUT);
    assertMarked();
  }

  private void assertMarked() {
    for (HasMetadata each :
        List.of(
            gatewayDeployment().get(), gatewayService().get(), cluster.afc().get().resource())) {
      assertThat(each.getMetadata().getLabels()).as(each.getKind()).containsEntry(LABEL, "red");
      assertThat(each.getMetadata().getAnnotations())
          .as(each.getKind())
          .containsEntry(ANNOTATION, "kept");
    }
  }

  private Resource<? extends HasMetadata> gatewayDeployment() {
    return cluster
        .client()
        .apps()
        .deployments()
        .inNamespace(Cluster.NAMESPACE)
        .withName("demo-api-gateway");
  }

  private Resource<? extends HasMetadata> gatewayService() {
    return cluster
        .client()
        .services()
        .inNamespace(Cluster.NAMESPACE)
        .withName("demo-api-gateway-svc");
  }

  @Test
  void aDeletedServiceComesBack() {
    assertComesBack(
        cluster
            .client()
            .services()
            .inNamespace(Cluster.NAMESPACE)
            .withName("demo-session-service-svc"));
  }

  @Test
  void theDeletedConfigMapComesBack() {
    assertComesBack(
        cluster
            .client()
            .configMaps()
            .inNamespace(Cluster.NAMESPACE)
            .withName("demo-quantum-config"));
  }

  private <T extends HasMetadata> void assertComesBack(Resource<T> resource) {
    String uid = resource.get().getMetadata().getUid();
    resource.delete();
    resource.waitUntilCondition(
        found -> found != null && !found.getMetadata().getUid().equals(uid),
        HEAL_TIMEOUT.toSeconds(),
        TimeUnit.SECONDS);
    cluster.awaitReady();
  }

  @Test
  @LocalOnly
  void aDeletedOrAlteredTuningKeyComesBack() {
    try (EtcdView etcd = cluster.etcd()) {
      Map<String, String> before = config(etcd);

      etcd.delete("/config/quantum/fec-ratio");
      awaitConfig(etcd, before);

      etcd.put("/config/quantum/max-cwnd", "17");
      awaitConfig(etcd, before);

      long revision = etcd.list("/config/").getFirst().modRevision();
      cluster
          .afc()
          .await(
              "every pod confirming revision " + revision,
              TIMEOUT,
              state -> state.settled() && state.tuningRevision() == revision);
    }
  }

  private static Map<String, String> config(EtcdView etcd) {
    return etcd.list("/config/").stream()
        .collect(Collectors.toMap(EtcdView.Entry::key, EtcdView.Entry::value));
  }

  private static void awaitConfig(EtcdView etcd, Map<String, String> wanted) {
    Awaitility.await("the operator's keys, all of one revision")
        .atMost(HEAL_TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> {
          assertThat(config(etcd)).isEqualTo(wanted);
          assertThat(etcd.list("/config/").stream().map(EtcdView.Entry::modRevision).distinct())
              .hasSize(1);
        });
  }
}
