package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.EtcdBackupSpec;
import io.aetherflow.crds.EtcdSpec;
import io.aetherflow.crds.ExternalEtcdSpec;
import io.aetherflow.crds.MonitoringMode;
import io.aetherflow.crds.MonitoringSpec;
import io.aetherflow.crds.NetworkPolicyMode;
import io.aetherflow.crds.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler inside JOSDK, against a fake Kubernetes API without controllers. */
class ClusterReconcilerTest {
  private FakeApi api;
  private KubernetesClient client;
  private TestOperator operator;

  @BeforeAll
  static void bePatient() {
    // The first reconciliation loads all classes, on a machine that may do other things.
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @AfterAll
  static void restoreDefaults() {
    Awaitility.reset();
  }

  @BeforeEach
  void startOperator() throws IOException {
    operator = new TestOperator();
    api = operator.api;
    client = operator.client;
  }

  @AfterEach
  void stopOperator() {
    operator.close();
  }

  @Test
  void createsEveryObjectAndTellsThatItIsNotReady() {
    create(null);

    await()
        .until(
            () -> client.apps().deployments().inNamespace("default").list().getItems().size() == 3);
    await().until(() -> condition("Ready").isPresent());
    assertThat(condition("Ready").orElseThrow())
        .returns("False", Condition::getStatus)
        .returns("Progressing", Condition::getReason)
        .returns(1L, Condition::getObservedGeneration);
    assertThat(client.apps().statefulSets().inNamespace("default").withName("demo-etcd").get())
        .isNotNull()
        .matches(set -> set.getMetadata().getOwnerReferences().getFirst().getController());
    assertThat(client.secrets().inNamespace("default").withName("demo-jwt-secret").get().getData())
        .containsKey("secret");
    assertThat(cluster().getStatus().display().gateway()).isEqualTo("0/3");
  }

  @Test
  void aRefusedObjectKeepsBackNoOther() {
    api.forbid("/api/v1/namespaces/default/configmaps/demo-quantum-config");
    create(null);

    await().until(() -> deployment("demo-api-gateway") != null);
    await()
        .until(() ->
            condition("Ready").filter(c -> c.getReason().equals("ReconcileError")).isPresent());
  }

  @Test
  void writesNothingMoreOnceAllIsWritten() {
    create(null);
    // The first answer about each member, here a failure, still changes the status.
    await()
        .until(() ->
            condition("EtcdAvailable")
                .filter(c -> c.getMessage().contains("demo-etcd-2"))
                .isPresent());
    awaitQuiet();
    int before = api.writes.size();
    var told = cluster().getStatus();

    Deployment edited = deployment("demo-api-gateway");
    edited.getMetadata().getAnnotations().put("foreign", "stays");
    client.resource(edited).update();
    awaitQuiet();

    assertThat(api.writes.subList(before, api.writes.size()))
        .as("only the edit of this test, after %s and then %s", told, cluster().getStatus())
        .hasSize(1);
    assertThat(deployment("demo-api-gateway").getMetadata().getAnnotations())
        .containsEntry("foreign", "stays");
  }

  @Test
  void repairsWhatOthersChanged() {
    create(null);
    await().until(() -> deployment("demo-session-service") != null);
    awaitQuiet();

    Deployment edited = deployment("demo-session-service");
    edited.getSpec().setReplicas(9);
    client.resource(edited).update();
    client.services().inNamespace("default").withName("demo-api-gateway-svc").delete();

    await().until(() -> deployment("demo-session-service").getSpec().getReplicas() == 3);
    await()
        .until(() ->
            client.services().inNamespace("default").withName("demo-api-gateway-svc").get()
                != null);
  }

  @Test
  void deletesWhatIsNoLongerWanted() {
    create(spec(null, NetworkPolicyMode.ENFORCED));
    await().until(() -> policies() > 0);

    update(spec(null, NetworkPolicyMode.DISABLED));

    await().until(() -> policies() == 0);
    assertThat(client.apps().deployments().inNamespace("default").list().getItems()).hasSize(3);
  }

  @Test
  void theTokenKeyIsMadeOnce() {
    create(null);
    await()
        .until(() ->
            client.secrets().inNamespace("default").withName("demo-jwt-secret").get() != null);
    awaitQuiet();
    var before = client.secrets().inNamespace("default").withName("demo-jwt-secret").get();

    update(spec(null, NetworkPolicyMode.ENFORCED));
    await().until(() -> policies() > 0);

    assertThat(client.secrets().inNamespace("default").withName("demo-jwt-secret").get().getData())
        .isEqualTo(before.getData());
  }

  @Test
  void grafanasPasswordIsMadeOnceAndTheMonitoringComesAndGoes() {
    create(monitored(MonitoringMode.STANDALONE));
    await().until(() -> deployments() == 6);
    await()
        .until(() ->
            condition("MonitoringReady")
                .filter(c -> c.getReason().equals("Progressing"))
                .isPresent());
    var before = client.secrets().inNamespace("default").withName("demo-grafana-admin").get();
    assertThat(before.getData()).containsKeys("admin-user", "admin-password");

    update(monitored(MonitoringMode.DISABLED));
    await().until(() -> deployments() == 3);
    await().until(() -> client.rbac().roles().inNamespace("default").list().getItems().isEmpty());
    update(monitored(MonitoringMode.STANDALONE));
    await().until(() -> deployments() == 6);

    assertThat(client.secrets().inNamespace("default").withName("demo-grafana-admin").get())
        .returns(before.getData(), Secret::getData);
  }

  @Test
  void monitorsAreMadeWhereTheirApiIsServedAndRepaired() {
    api.serve("monitoring.coreos.com/v1", List.of("ServiceMonitor", "PrometheusRule"));
    create(monitored(MonitoringMode.AUTO));

    await().until(() -> monitor() != null);
    await()
        .until(() ->
            condition("MonitoringReady").filter(c -> c.getStatus().equals("True")).isPresent());
    assertThat(deployments()).isEqualTo(3);
    awaitQuiet();

    client.resource(monitor()).delete();
    await().until(() -> monitor() != null);
    awaitQuiet();
    int writes = api.writes.size();
    awaitQuiet();
    assertThat(api.writes).as("writes at rest").hasSize(writes);

    update(monitored(MonitoringMode.DISABLED));
    await().until(() -> monitor() == null);
  }

  @Test
  void askingForMonitorsWithoutTheirApiIsTold() {
    create(monitored(MonitoringMode.PROMETHEUS_OPERATOR));

    await()
        .until(() ->
            condition("MonitoringReady")
                .filter(c -> c.getReason().equals("ApiMissing"))
                .isPresent());
    assertThat(deployments()).isEqualTo(3);
  }

  @Test
  void pausedWritesOnlyTheStatus() {
    AetherFlowCluster paused = cluster(null);
    paused.getMetadata().getAnnotations().put("aetherflow.io/paused", "true");
    client.resource(paused).create();

    await().until(() -> condition("Paused").filter(c -> c.getStatus().equals("True")).isPresent());

    assertThat(client.apps().deployments().inNamespace("default").list().getItems()).isEmpty();
    assertThat(condition("Ready").orElseThrow().getReason()).isEqualTo("Paused");
  }

  @Test
  void anExternalEtcdNeedsNoMembers() {
    ExternalEtcdSpec external =
        new ExternalEtcdSpec(List.of("http://127.0.0.1:1"), "/clusters/demo");
    create(spec(external, NetworkPolicyMode.DISABLED));

    await().until(() -> condition("EtcdAvailable").isPresent());

    assertThat(client.apps().statefulSets().inNamespace("default").list().getItems()).isEmpty();
    assertThat(condition("EtcdAvailable").orElseThrow().getStatus()).isEqualTo("False");
  }

  @Test
  void aRefusedVersionLeavesEveryImageTheKeepersToo() {
    create(backedUp("0.1.0", "6h"));
    await().until(() -> deployment("demo-api-gateway") != null && keeper() != null);
    assertThat(image(keeper().getSpec().getTemplate())).isEqualTo("aetherflow/operator:0.1.0");

    update(backedUp("0.9.0", "3h"));
    await()
        .until(() ->
            condition("Upgraded").filter(c -> c.getReason().equals("VersionRefused")).isPresent());

    assertThat(keeper().getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv())
        .as("the other edit")
        .anyMatch(
            env -> env.getName().equals("INTERVAL_SECONDS") && env.getValue().equals("10800"));
    assertThat(image(keeper().getSpec().getTemplate())).isEqualTo("aetherflow/operator:0.1.0");
    assertThat(image(deployment("demo-session-service").getSpec().getTemplate()))
        .isEqualTo("aetherflow/session:0.1.0");
  }

  private StatefulSet keeper() {
    return client.apps().statefulSets().inNamespace("default").withName("demo-etcd-backup").get();
  }

  private static String image(PodTemplateSpec template) {
    return template.getSpec().getContainers().getFirst().getImage();
  }

  private static AetherFlowClusterSpec backedUp(String version, String interval) {
    return new AetherFlowClusterSpec(
        null,
        version,
        null,
        null,
        null,
        null,
        new EtcdSpec(
            null,
            null,
            null,
            null,
            null,
            new EtcdBackupSpec(interval, null, null, null),
            null,
            null),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static AetherFlowClusterSpec spec(ExternalEtcdSpec external, NetworkPolicyMode mode) {
    return new AetherFlowClusterSpec(
        null,
        null,
        null,
        null,
        null,
        null,
        new EtcdSpec(null, null, null, null, external, null, null, null),
        null,
        null,
        null,
        null,
        null,
        new NetworkPolicySpec(mode),
        null,
        null);
  }

  private static AetherFlowClusterSpec monitored(MonitoringMode mode) {
    return new AetherFlowClusterSpec(
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        new MonitoringSpec(mode, null, null, null),
        null);
  }

  private int deployments() {
    return client.apps().deployments().inNamespace("default").list().getItems().size();
  }

  private GenericKubernetesResource monitor() {
    return client
        .genericKubernetesResources("monitoring.coreos.com/v1", "ServiceMonitor")
        .inNamespace("default")
        .withName("demo-metrics")
        .get();
  }

  private void create(AetherFlowClusterSpec spec) {
    client.resource(cluster(spec)).create();
  }

  private void update(AetherFlowClusterSpec spec) {
    AetherFlowCluster edited = cluster();
    edited.setSpec(spec);
    client.resource(edited).update();
  }

  private static AetherFlowCluster cluster(AetherFlowClusterSpec spec) {
    AetherFlowCluster cluster = new AetherFlowCluster();
    cluster.setMetadata(
        new ObjectMetaBuilder()
            .withName("demo")
            .withNamespace("default")
            .withUid("cluster-uid")
            .withGeneration(1L)
            .build());
    cluster.setSpec(spec);
    return cluster;
  }

  private AetherFlowCluster cluster() {
    return operator.cluster();
  }

  private Optional<Condition> condition(String type) {
    return operator.condition(type);
  }

  private Deployment deployment(String name) {
    return client.apps().deployments().inNamespace("default").withName(name).get();
  }

  private int policies() {
    return client.network().networkPolicies().inNamespace("default").list().getItems().size();
  }

  /** Waits until the operator has written nothing for a second. */
  private void awaitQuiet() {
    await()
        .pollInterval(Duration.ofMillis(1000))
        .atMost(Duration.ofSeconds(20))
        .until(
            new java.util.concurrent.Callable<>() {
              private int last = -1;

              @Override
              public Boolean call() {
                int now = api.writes.size();
                boolean quiet = now == last && now > 0;
                last = now;
                return quiet;
              }
            });
  }
}
