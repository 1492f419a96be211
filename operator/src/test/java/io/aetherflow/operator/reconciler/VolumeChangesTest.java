package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Edits of volume sizes, against an API that lets no StatefulSet change its claim templates. */
class VolumeChangesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String CLAIM = "snapshots-demo-etcd-backup-0";

  private TestOperator operator;

  @BeforeEach
  void start() throws IOException {
    operator = new TestOperator();
  }

  @AfterEach
  void stop() {
    operator.close();
  }

  @Test
  void aGrownVolumeMakesItsSetAnewAroundThePods() {
    create("{etcd: {backup: {interval: 1h, size: 10Gi}}}");
    StatefulSet first = keeper();
    snapshotClaim("10Gi", first);

    edit("{etcd: {backup: {interval: 1h, size: 20Gi}}}");

    await()
        .atMost(PATIENCE)
        .until(() -> found(keeper()).filter(set -> size(set).equals("20Gi")).isPresent());
    assertThat(size(claim(CLAIM))).isEqualTo("20Gi");
    assertThat(keeper().getMetadata().getUid()).isNotEqualTo(first.getMetadata().getUid());
    assertThat(operator.api.deletions("statefulsets/demo-etcd-backup")).containsExactly("Orphan");
    await().atMost(PATIENCE).until(() -> storage().getReason().equals("AsWanted"));
  }

  @Test
  void aClassThatDoesNotGrowIsToldAndTheRestIsApplied() {
    create("{etcd: {backup: {interval: 1h, size: 10Gi}}}");
    snapshotClaim("10Gi", keeper());
    operator.api.forbid("/api/v1/namespaces/default/persistentvolumeclaims/" + CLAIM);

    edit("{etcd: {backup: {interval: 2h, size: 20Gi}}, gateway: {replicas: 5}}");

    await().atMost(PATIENCE).until(() -> storage().getReason().equals("StorageRefused"));
    assertThat(storage().getMessage())
        .startsWith("spec.etcd.backup.size asks for 20Gi, but volume claim " + CLAIM);
    await().atMost(PATIENCE).until(() -> gateways() == 5);
    assertThat(size(keeper())).isEqualTo("10Gi");
    assertThat(keeper().getSpec().getTemplate().toString())
        .as("what can change of it does")
        .contains("7200");
    assertThat(operator.api.deletions("statefulsets/demo-etcd-backup")).isEmpty();
  }

  @Test
  void aRefusedGrowthIsNotAskedForAgainUntilTheResourceChanges() {
    String path = "/api/v1/namespaces/default/persistentvolumeclaims/" + CLAIM;
    create("{etcd: {backup: {interval: 1h, size: 10Gi}}}");
    snapshotClaim("10Gi", keeper());
    operator.api.forbid(path);

    edit("{etcd: {backup: {interval: 1h, size: 20Gi}}}");
    await().atMost(PATIENCE).until(() -> storage().getReason().equals("StorageRefused"));
    for (int look = 0; look < 3; look++) {
      operator.awaitRepair();
      assertThat(storage().getMessage()).as("still told").contains(CLAIM + " cannot grow");
    }
    assertThat(operator.api.count("PATCH " + path)).as("requests to grow").isEqualTo(1);

    edit("{etcd: {backup: {interval: 1h, size: 20Gi}}, gateway: {replicas: 5}}");
    await().atMost(PATIENCE).until(() -> operator.api.count("PATCH " + path) == 2);
  }

  @Test
  void claimsThatOutlivedAClusterAndDoNotGrowAreToldForAsLongAsTheyDiffer() {
    String path = "/api/v1/namespaces/default/persistentvolumeclaims/" + CLAIM;
    retainedClaim("10Gi");
    operator.api.forbid(path);
    create("{etcd: {backup: {interval: 1h, size: 20Gi}}}");
    await().atMost(PATIENCE).until(() -> keeper() != null);
    assertThat(size(keeper())).as("of what there is").isEqualTo("10Gi");
    operator.awaitRepair();
    operator.awaitRepair();
    assertThat(storage().getReason()).isEqualTo("StorageRefused");
    assertThat(operator.api.count("PATCH " + path)).isEqualTo(1);
  }

  @Test
  void claimsThatOutlivedAClusterGrowWithTheNextOfItsName() {
    retainedClaim("10Gi");
    create("{etcd: {backup: {interval: 1h, size: 20Gi}}}");
    await().atMost(PATIENCE).until(() -> size(claim(CLAIM)).equals("20Gi"));
    assertThat(size(keeper())).isEqualTo("20Gi");
  }

  @Test
  void aSetThatSomebodyElseDeletesIsToldAsThat() {
    leaving("foregroundDeletion");
    create("{etcd: {backup: {interval: 1h, size: 10Gi}}}");
    assertThat(storage().getReason()).isEqualTo("Growing");
    assertThat(storage().getMessage())
        .isEqualTo(
            "demo-etcd-backup is being deleted by somebody else, with its pods; it is made anew"
                + " then");
  }

  @Test
  void aSetThatLeavesItsPodsIsMadeAnewAroundThem() {
    leaving("orphan");
    create("{etcd: {backup: {interval: 1h, size: 10Gi}}}");
    assertThat(storage().getMessage())
        .isEqualTo("demo-etcd-backup is being made anew around its pods");
  }

  /** The keeper's set, deleted and not gone yet. */
  private void leaving(String finalizer) {
    operator
        .client
        .resource(
            new StatefulSetBuilder()
                .withNewMetadata()
                .withName("demo-etcd-backup")
                .withNamespace("default")
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGER)
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .withFinalizers(finalizer)
                .endMetadata()
                .build())
        .create();
  }

  /** The set is deleted for it, and with it the note of the image that was chosen last. */
  @Test
  void aSetThatIsGoneIsMadeWithTheImageThatItsPodsRun() {
    create("{etcd: {image: 'etcd:v3.5.9'}}");
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      memberPod(ordinal, "etcd:v3.5.9");
    }
    String first = uid(members());

    edit("{etcd: {image: 'etcd:v3.7.1'}}");
    await()
        .atMost(PATIENCE)
        .until(() ->
            operator.condition("Upgraded").orElseThrow().getReason().equals("VersionRefused"));
    operator.client.resource(members()).delete();

    await()
        .atMost(PATIENCE)
        .until(() -> found(members()).filter(set -> !uid(set).equals(first)).isPresent());
    assertThat(members().getSpec().getTemplate().getSpec().getContainers().getFirst().getImage())
        .isEqualTo("etcd:v3.5.9");
  }

  @Test
  void aShrunkVolumeIsRefusedAndTheRestIsApplied() {
    create("{profile: Production}");
    assertThat(size(members())).isEqualTo("50Gi");

    edit("{profile: Development}");

    await().atMost(PATIENCE).until(() -> storage().getReason().equals("StorageRefused"));
    assertThat(storage().getMessage())
        .isEqualTo(
            "spec.etcd.storage.size asks for 1Gi, but the volumes have 50Gi and volumes do not"
                + " shrink; set it to 50Gi, or move the data to a new cluster");
    await().atMost(PATIENCE).until(() -> gateways() == 2);
    assertThat(operator.condition("Degraded").orElseThrow()).returns("True", Condition::getStatus);
    assertThat(operator.condition("Ready").orElseThrow().getReason())
        .isNotEqualTo("ReconcileError");
  }

  @Test
  void aVolumeOfTheMonitoringGrowsAndDoesNotShrink() {
    create("{monitoring: {mode: Standalone, prometheus: {storage: {size: 2Gi}}}}");

    edit("{monitoring: {mode: Standalone, prometheus: {storage: {size: 1Gi}}}}");
    await().atMost(PATIENCE).until(() -> storage().getReason().equals("StorageRefused"));
    assertThat(storage().getMessage())
        .startsWith("spec.monitoring.prometheus.storage.size asks for 1Gi");
    assertThat(size(claim("demo-prometheus-data"))).isEqualTo("2Gi");

    edit("{monitoring: {mode: Standalone, prometheus: {storage: {size: 3Gi}}}}");
    await().atMost(PATIENCE).until(() -> storage().getReason().equals("AsWanted"));
    assertThat(size(claim("demo-prometheus-data"))).isEqualTo("3Gi");
    assertThat(operator.condition("Ready").orElseThrow().getReason())
        .isNotEqualTo("ReconcileError");
  }

  @Test
  void etcdKeepsItsSetUntilAllMembersAreWell() {
    create("{etcd: {storage: {size: 1Gi}}}");

    edit("{etcd: {storage: {size: 2Gi}}}");

    await().atMost(PATIENCE).until(() -> storage().getReason().equals("Growing"));
    assertThat(storage().getMessage())
        .isEqualTo("volumes of demo-etcd grow to 2Gi once all members are well");
    assertThat(size(members())).isEqualTo("1Gi");
    assertThat(operator.api.deletions("statefulsets/demo-etcd")).isEmpty();
  }

  private void create(String spec) {
    operator.create(TestOperator.spec(spec));
    await().atMost(PATIENCE).until(() -> operator.condition("StorageApplied").isPresent());
  }

  private void edit(String spec) {
    operator.update(TestOperator.spec(spec));
  }

  private void retainedClaim(String size) {
    snapshotClaim(
        size,
        Map.of("app.kubernetes.io/instance", "demo", "app.kubernetes.io/component", "etcd-backup"));
  }

  private void snapshotClaim(String size, StatefulSet set) {
    snapshotClaim(size, set.getSpec().getSelector().getMatchLabels());
  }

  private void snapshotClaim(String size, Map<String, String> labels) {
    operator
        .client
        .resource(
            new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(CLAIM)
                .withNamespace("default")
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withNewResources()
                .addToRequests("storage", new Quantity(size))
                .endResources()
                .endSpec()
                .build())
        .create();
  }

  private void memberPod(int ordinal, String image) {
    operator
        .client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName("demo-etcd-" + ordinal)
                .withNamespace("default")
                .withLabels(members().getSpec().getTemplate().getMetadata().getLabels())
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("etcd")
                .withImage(image)
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  private PersistentVolumeClaim claim(String name) {
    return operator.client.persistentVolumeClaims().inNamespace("default").withName(name).get();
  }

  private Condition storage() {
    return operator.condition("StorageApplied").orElseThrow();
  }

  private int gateways() {
    return operator
        .client
        .apps()
        .deployments()
        .inNamespace("default")
        .withName("demo-api-gateway")
        .get()
        .getSpec()
        .getReplicas();
  }

  private StatefulSet keeper() {
    return set("demo-etcd-backup");
  }

  private StatefulSet members() {
    return set("demo-etcd");
  }

  /** It may be between its deletion and its return. */
  private static Optional<StatefulSet> found(StatefulSet set) {
    return Optional.ofNullable(set);
  }

  private static String uid(StatefulSet set) {
    return set.getMetadata().getUid();
  }

  private StatefulSet set(String name) {
    return operator.client.apps().statefulSets().inNamespace("default").withName(name).get();
  }

  private static String size(StatefulSet set) {
    return size(set.getSpec().getVolumeClaimTemplates().getFirst());
  }

  private static String size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage").toString();
  }
}
