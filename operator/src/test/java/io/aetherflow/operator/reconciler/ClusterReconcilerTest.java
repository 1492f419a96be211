package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The reconciler inside JOSDK, against a fake Kubernetes API without controllers. */
@ExtendWith(Patience.class)
class ClusterReconcilerTest {
  private FakeApi api;
  private KubernetesClient client;
  private TestOperator operator;

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
    operator.create(null);

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
    operator.create(null);

    await().until(() -> deployment("demo-api-gateway") != null);
    await()
        .until(() ->
            condition("Ready").filter(c -> c.getReason().equals("ReconcileError")).isPresent());
  }

  /** Each reconciliation fails then, so that no status tells of the upgrade. */
  @Test
  void aRefusedObjectKeepsNoUpgradeBack() {
    api.forbid("/api/v1/namespaces/default/configmaps/demo-quantum-config");
    operator.create(null);
    await()
        .until(() ->
            condition("Ready").filter(c -> c.getReason().equals("ReconcileError")).isPresent());

    operator.update(TestOperator.spec("{etcd: {image: 'quay.io/coreos/etcd:v3.5.22'}}"));

    await()
        .untilAsserted(() ->
            assertThat(image(etcd().getSpec().getTemplate()))
                .isEqualTo("quay.io/coreos/etcd:v3.5.22"));
  }

  @Test
  void writesNothingMoreOnceAllIsWritten() {
    operator.create(null);
    // The first answer about each member, here a failure, still changes the status.
    await()
        .until(() ->
            condition("EtcdAvailable")
                .filter(c -> c.getMessage().contains("demo-etcd-2"))
                .isPresent());
    operator.awaitQuiet();
    int before = api.writes.size();
    var told = cluster().getStatus();

    Deployment edited = deployment("demo-api-gateway");
    edited.getMetadata().getAnnotations().put("foreign", "stays");
    client.resource(edited).update();
    operator.awaitQuiet();

    assertThat(api.writes.subList(before, api.writes.size()))
        .as("only the edit of this test, after %s and then %s", told, cluster().getStatus())
        .hasSize(1);
    assertThat(deployment("demo-api-gateway").getMetadata().getAnnotations())
        .containsEntry("foreign", "stays");
  }

  @Test
  void repairsWhatOthersChanged() {
    operator.create(null);
    await().until(() -> deployment("demo-session-service") != null);
    operator.awaitQuiet();

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
    operator.create(withPolicies("Enforced"));
    await().until(() -> policies() > 0);

    operator.update(withPolicies("Disabled"));

    await().until(() -> policies() == 0);
    assertThat(client.apps().deployments().inNamespace("default").list().getItems()).hasSize(3);
  }

  @Test
  void theTokenKeyIsMadeOnce() {
    operator.create(null);
    await()
        .until(() ->
            client.secrets().inNamespace("default").withName("demo-jwt-secret").get() != null);
    operator.awaitQuiet();
    var before = client.secrets().inNamespace("default").withName("demo-jwt-secret").get();

    operator.update(withPolicies("Enforced"));
    await().until(() -> policies() > 0);

    assertThat(client.secrets().inNamespace("default").withName("demo-jwt-secret").get().getData())
        .isEqualTo(before.getData());
  }

  @Test
  void pausedWritesOnlyTheStatus() {
    AetherFlowCluster paused = TestOperator.cluster(null);
    paused.getMetadata().getAnnotations().put("aetherflow.io/paused", "true");
    client.resource(paused).create();

    await().until(() -> condition("Paused").filter(c -> c.getStatus().equals("True")).isPresent());

    assertThat(client.apps().deployments().inNamespace("default").list().getItems()).isEmpty();
    assertThat(condition("Ready").orElseThrow().getReason()).isEqualTo("Paused");
  }

  @Test
  void anExternalEtcdNeedsNoMembers() {
    operator.create(
        TestOperator.spec(
            "{etcd: {external: {endpoints: ['http://127.0.0.1:1'], prefix: /clusters/demo}}}"));

    await().until(() -> condition("EtcdAvailable").isPresent());

    assertThat(client.apps().statefulSets().inNamespace("default").list().getItems()).isEmpty();
    assertThat(condition("EtcdAvailable").orElseThrow().getStatus()).isEqualTo("False");
  }

  @Test
  void aRefusedVersionLeavesEveryImageTheKeepersToo() {
    operator.create(backedUp("0.1.0", "6h"));
    await().until(() -> deployment("demo-api-gateway") != null && keeper() != null);
    assertThat(image(keeper().getSpec().getTemplate())).isEqualTo("aetherflow/operator:0.1.0");

    operator.update(backedUp("0.9.0", "3h"));
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

  /** The end of the first is not seen, as when a watch breaks: its next state has another uid. */
  @Test
  void aClusterThatTakesANameOverInheritsNothingRemembered() {
    operator.create(null);
    await().until(() -> secret("demo-etcd-ca") != null && secret("demo-etcd-certs") != null);
    var authority = secret("demo-etcd-ca").getData();
    operator.update(TestOperator.spec("{etcd: {tls: {mode: Disabled}}}"));
    await()
        .until(() ->
            condition("CertificatesReady")
                .filter(c -> c.getReason().equals("NotRequired"))
                .isPresent());
    client.resource(secret("demo-etcd-ca")).delete();
    client.resource(secret("demo-etcd-certs")).delete();
    // One watch tells of all three: when the last is made again, the others are known to be gone.
    client.resource(secret("demo-jwt-secret")).delete();
    await().until(() -> secret("demo-jwt-secret") != null);

    AetherFlowCluster successor = cluster();
    successor.getMetadata().setUid("of-the-next");
    successor.setSpec(null);
    client.resource(successor).update();

    await().until(() -> secret("demo-etcd-ca") != null);
    assertThat(secret("demo-etcd-ca").getData()).isNotEqualTo(authority);
  }

  private Secret secret(String name) {
    return client.secrets().inNamespace("default").withName(name).get();
  }

  private StatefulSet etcd() {
    return client.apps().statefulSets().inNamespace("default").withName("demo-etcd").get();
  }

  private StatefulSet keeper() {
    return client.apps().statefulSets().inNamespace("default").withName("demo-etcd-backup").get();
  }

  private static String image(PodTemplateSpec template) {
    return template.getSpec().getContainers().getFirst().getImage();
  }

  private static AetherFlowClusterSpec backedUp(String version, String interval) {
    return TestOperator.spec(
        "{version: %s, etcd: {backup: {interval: %s}}}".formatted(version, interval));
  }

  private static AetherFlowClusterSpec withPolicies(String mode) {
    return TestOperator.spec("{networkPolicy: {mode: " + mode + "}}");
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
}
