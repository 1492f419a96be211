package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Deletion;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real API server lets happen to volumes and to the set that asked for them. */
@Timeout(60)
class GrowingVolumesTest {
  @TempDir Path directory;

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(directory);
    cluster.objects.create(Samples.statefulSet("db", 2, "Parallel"));
    awaitReady();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private void awaitReady() throws Exception {
    cluster.await(
        "db ready",
        () ->
            cluster
                .objects
                .find(StatefulSet.class, TestCluster.NAMESPACE, "db")
                .map(StatefulSet::getStatus)
                .filter(status -> Integer.valueOf(2).equals(status.getReadyReplicas()))
                .isPresent());
    cluster.settle();
  }

  @Test
  void aSetsClaimTemplatesCannotChangeButItsPolicyCan() {
    assertThatThrownBy(() -> cluster.edit(StatefulSet.class, "db", set -> sized(set, "2Gi")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(422))
        .hasMessageContaining("updates to statefulset spec for fields other than");
    cluster.edit(
        StatefulSet.class,
        "db",
        set -> {
          set.getSpec().setMinReadySeconds(1);
          set.getSpec().setRevisionHistoryLimit(3);
          return set;
        });
    assertThat(cluster.get(StatefulSet.class, "db").getSpec().getMinReadySeconds()).isEqualTo(1);
  }

  @Test
  void aClaimGrowsAndItsVolumeWithIt() throws Exception {
    cluster.edit(PersistentVolumeClaim.class, "data-db-0", claim -> sized(claim, "2Gi"));

    cluster.await("grown", () -> capacity("data-db-0").equals(new Quantity("2Gi")));
    String volume = claim("data-db-0").getSpec().getVolumeName();
    assertThat(
            cluster
                .objects
                .find(PersistentVolume.class, "", volume)
                .orElseThrow()
                .getSpec()
                .getCapacity())
        .containsEntry("storage", new Quantity("2Gi"));
  }

  @Test
  void aClaimNeitherShrinksNorChangesItsClass() {
    refused(422, "can not be less than status.capacity", claim -> sized(claim, "512Mi"));
    refused(
        422,
        "spec is immutable after creation",
        claim -> {
          claim.getSpec().setStorageClassName("other");
          return claim;
        });
  }

  @Test
  void aClaimDoesNotGrowWhereItsClassForbidsIt() {
    StorageClass storageClass =
        cluster.objects.find(StorageClass.class, "", "standard").orElseThrow();
    storageClass.setAllowVolumeExpansion(false);
    cluster.objects.replace(storageClass);

    refused(403, "must support resize", claim -> sized(claim, "2Gi"));
  }

  @Test
  void aSetThatIsMadeAnewTakesThePodsThatItsFormerSelfLeft() throws Exception {
    List<String> before = uids();
    var sets = cluster.objects.resources().kinds().byName("statefulsets.apps").orElseThrow();
    cluster
        .objects
        .resources()
        .delete(
            sets,
            TestCluster.NAMESPACE,
            "db",
            new Deletion(Deletion.Propagation.ORPHAN, -1, "", "", false));
    cluster.objects.create(sized(Samples.statefulSet("db", 2, "Parallel"), "2Gi"));
    awaitReady();

    assertThat(uids()).isEqualTo(before);
    assertThat(cluster.pods("db"))
        .allSatisfy(pod ->
            assertThat(OwnerRefs.controls(cluster.get(StatefulSet.class, "db"), pod)).isTrue());
  }

  private void refused(int code, String why, UnaryOperator<PersistentVolumeClaim> change) {
    assertThatThrownBy(() -> cluster.edit(PersistentVolumeClaim.class, "data-db-0", change))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(why);
  }

  private List<String> uids() {
    return cluster.pods("db").stream()
        .map(Pod::getMetadata)
        .map(ObjectMeta::getUid)
        .sorted()
        .toList();
  }

  private PersistentVolumeClaim claim(String name) {
    return cluster.get(PersistentVolumeClaim.class, name);
  }

  private Quantity capacity(String name) {
    return claim(name).getStatus().getCapacity().get("storage");
  }

  private static StatefulSet sized(StatefulSet set, String size) {
    sized(set.getSpec().getVolumeClaimTemplates().getFirst(), size);
    return set;
  }

  private static PersistentVolumeClaim sized(PersistentVolumeClaim claim, String size) {
    claim.getSpec().getResources().setRequests(Map.of("storage", new Quantity(size)));
    return claim;
  }
}
