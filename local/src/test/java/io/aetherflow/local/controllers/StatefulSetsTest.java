package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StatefulSetsTest {
  @TempDir Path directory;

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(directory);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private StatefulSet db() {
    return cluster.get(StatefulSet.class, "db");
  }

  private void create(StatefulSet set) throws Exception {
    cluster.objects.create(set);
    awaitComplete();
  }

  private void awaitComplete() throws Exception {
    cluster.await("db complete", () -> isComplete(db()));
    cluster.settle();
    assertThat(isComplete(db())).isTrue();
  }

  private static boolean isComplete(StatefulSet set) {
    StatefulSetStatus status = set.getStatus();
    Integer desired = set.getSpec().getReplicas();
    return status != null
        && set.getMetadata().getGeneration().equals(status.getObservedGeneration())
        && desired.equals(status.getReplicas())
        && desired.equals(status.getReadyReplicas())
        && desired.equals(status.getUpdatedReplicas())
        && status.getUpdateRevision().equals(status.getCurrentRevision());
  }

  private void setImage(String image) {
    cluster.edit(StatefulSet.class, "db", s -> Samples.image(s, image));
  }

  private Pod pod(String name) {
    return cluster.get(Pod.class, name);
  }

  private String image(String name) {
    return pod(name).getSpec().getContainers().getFirst().getImage();
  }

  private void awaitPod(String name, String image, boolean ready) throws Exception {
    cluster.await(
        name + " with " + image,
        () ->
            cluster
                .objects
                .find(Pod.class, "default", name)
                .filter(p -> p.getSpec().getContainers().getFirst().getImage().equals(image))
                .filter(p -> PodStates.condition(p, "Ready").isPresent())
                .filter(p -> PodStates.isReady(p) == ready)
                .isPresent());
  }

  @Test
  void podsHaveStableNamesLabelsHostsAndClaims() throws Exception {
    create(Samples.statefulSet("db", 2, "Parallel"));
    Pod pod = pod("db-1");
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("statefulset.kubernetes.io/pod-name", "db-1")
        .containsEntry("apps.kubernetes.io/pod-index", "1")
        .containsEntry("controller-revision-hash", db().getStatus().getUpdateRevision());
    assertThat(pod.getSpec().getHostname()).isEqualTo("db-1");
    assertThat(pod.getSpec().getSubdomain()).isEqualTo("db");
    assertThat(pod.getSpec().getVolumes().getFirst().getPersistentVolumeClaim().getClaimName())
        .isEqualTo("data-db-1");
    PersistentVolumeClaim claim = cluster.get(PersistentVolumeClaim.class, "data-db-1");
    assertThat(claim.getMetadata().getLabels()).containsEntry("app", "db");
    assertThat(claim.getStatus().getPhase()).isEqualTo("Bound");
    assertThat(db().getStatus().getAvailableReplicas()).isEqualTo(2);
    assertThat(db().getStatus().getCurrentReplicas()).isEqualTo(2);
    assertThat(db().getStatus().getCollisionCount()).isZero();
  }

  @Test
  void orderedPodsWaitForTheOneBefore() throws Exception {
    cluster.objects.create(Samples.image(Samples.statefulSet("db", 3, "OrderedReady"), "mute:1"));
    for (int i = 0; i < 3; i++) {
      awaitPod("db-" + i, "mute:1", false);
      cluster.settle();
      assertThat(cluster.pods("db")).hasSize(i + 1);
      cluster.kubelet.setReady(pod("db-" + i), true);
    }
    awaitComplete();
    cluster.kubelet.holdDeletions();
    cluster.edit(StatefulSet.class, "db", s -> replicas(s, 1));
    cluster.await("db-2 ends", () -> cluster.pods("db").size() == 2);
    cluster.settle();
    assertThat(cluster.pods("db"))
        .extracting(p -> p.getMetadata().getName())
        .containsExactly("db-0", "db-1");
    cluster.kubelet.letGo();
    awaitComplete();
    assertThat(cluster.pods("db")).hasSize(1);
  }

  private static StatefulSet replicas(StatefulSet set, int replicas) {
    set.getSpec().setReplicas(replicas);
    return set;
  }

  @Test
  void parallelPodsDoNotWait() throws Exception {
    cluster.objects.create(Samples.image(Samples.statefulSet("db", 3, "Parallel"), "mute:1"));
    cluster.await("three pods", () -> cluster.pods("db").size() == 3);
    cluster.settle();
    cluster.edit(StatefulSet.class, "db", s -> replicas(s, 1));
    cluster.await("one pod", () -> cluster.objects.list(Pod.class).size() == 1);
    assertThat(cluster.pods("db").getFirst().getMetadata().getName()).isEqualTo("db-0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Parallel", "OrderedReady"})
  void updatesGoOneByOneFromTheHighest(String policy) throws Exception {
    create(Samples.statefulSet("db", 3, policy));
    List<String> deleted = Collections.synchronizedList(new ArrayList<>());
    List<Integer> ready = Collections.synchronizedList(new ArrayList<>());
    cluster.observe(event -> {
      if (event.resource().equals("pods")) {
        ready.add((int) cluster.pods("db").stream().filter(PodStates::isReady).count());
        if (event.type() == Objects.Change.Kind.DELETED) {
          deleted.add(event.object().at("/metadata/name").asText());
        }
      }
    });
    String before = db().getStatus().getCurrentRevision();
    setImage("app:2");
    awaitComplete();
    assertThat(deleted).containsExactly("db-2", "db-1", "db-0");
    assertThat(Collections.min(ready)).isEqualTo(2);
    assertThat(db().getStatus().getCurrentRevision()).isNotEqualTo(before);
    assertThat(cluster.objects.list(ControllerRevision.class)).hasSize(2);
  }

  @Test
  void thePartitionHoldsPodsBack() throws Exception {
    create(Samples.statefulSet("db", 3, "Parallel"));
    String before = db().getStatus().getCurrentRevision();
    cluster.edit(StatefulSet.class, "db", s -> partition(Samples.image(s, "app:2"), 2));
    awaitPod("db-2", "app:2", true);
    cluster.settle();
    assertThat(image("db-1")).isEqualTo("app:1");
    assertThat(db().getStatus().getUpdatedReplicas()).isEqualTo(1);
    assertThat(db().getStatus().getCurrentReplicas()).isEqualTo(2);
    assertThat(db().getStatus().getCurrentRevision()).isEqualTo(before);
    cluster.objects.delete(Pod.class, "default", "db-0", 30);
    cluster.settle();
    assertThat(image("db-0")).as("below the partition it comes back as it was").isEqualTo("app:1");
    cluster.edit(StatefulSet.class, "db", s -> partition(s, 0));
    awaitComplete();
    assertThat(image("db-0")).isEqualTo("app:2");
  }

  private static StatefulSet partition(StatefulSet set, int partition) {
    set.getSpec().getUpdateStrategy().getRollingUpdate().setPartition(partition);
    return set;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Parallel", "OrderedReady"})
  void aBrokenRolloutStopsAndItsRevertHeals(String policy) throws Exception {
    create(Samples.statefulSet("db", 3, policy));
    String uid = pod("db-0").getMetadata().getUid();
    setImage("bad:1");
    awaitPod("db-2", "bad:1", false);
    cluster.settle();
    assertThat(cluster.pods("db").stream().filter(PodStates::isReady)).hasSize(2);
    setImage("app:1");
    awaitComplete();
    assertThat(image("db-2")).isEqualTo("app:1");
    assertThat(pod("db-0").getMetadata().getUid()).isEqualTo(uid);
    setImage("mute:1");
    awaitPod("db-2", "mute:1", false);
    setImage("app:1");
    awaitComplete();
    assertThat(pod("db-0").getMetadata().getUid()).isEqualTo(uid);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Parallel", "OrderedReady"})
  void aSetThatNeverStartedIsCorrected(String policy) throws Exception {
    cluster.objects.create(Samples.image(Samples.statefulSet("db", 3, policy), "bad:1"));
    awaitPod("db-0", "bad:1", false);
    setImage("app:1");
    awaitComplete();
  }

  @Test
  void onDeleteLeavesPodsUntilTheyAreDeleted() throws Exception {
    StatefulSet set = Samples.statefulSet("db", 2, "Parallel");
    set.getSpec()
        .setUpdateStrategy(
            new io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy(null, "OnDelete"));
    cluster.objects.create(set);
    awaitPod("db-1", "app:1", true);
    setImage("app:2");
    cluster.settle();
    assertThat(image("db-1")).isEqualTo("app:1");
    cluster.objects.delete(Pod.class, "default", "db-1", 30);
    awaitPod("db-1", "app:2", true);
    assertThat(image("db-0")).isEqualTo("app:1");
  }

  @Test
  void aPodThatComesBackFindsItsVolume() throws Exception {
    create(Samples.statefulSet("db", 2, "Parallel"));
    PersistentVolumeClaim claim = cluster.get(PersistentVolumeClaim.class, "data-db-1");
    String uid = pod("db-1").getMetadata().getUid();
    cluster.objects.delete(Pod.class, "default", "db-1", 30);
    cluster.await(
        "another db-1",
        () ->
            cluster
                .objects
                .find(Pod.class, "default", "db-1")
                .filter(p -> !p.getMetadata().getUid().equals(uid))
                .isPresent());
    awaitComplete();
    assertThat(cluster.get(PersistentVolumeClaim.class, "data-db-1")).isEqualTo(claim);
    cluster.kubelet.fail(pod("db-1"));
    cluster.settle();
    awaitComplete();
    assertThat(cluster.get(PersistentVolumeClaim.class, "data-db-1")).isEqualTo(claim);
  }

  @Test
  void claimsStayByDefaultAndGoWhenAsked() throws Exception {
    create(Samples.statefulSet("db", 2, "Parallel"));
    cluster.edit(StatefulSet.class, "db", s -> replicas(s, 1));
    awaitComplete();
    assertThat(cluster.objects.list(PersistentVolumeClaim.class)).hasSize(2);
    cluster.edit(StatefulSet.class, "db", s -> retention(replicas(s, 2)));
    awaitComplete();
    cluster.edit(StatefulSet.class, "db", s -> replicas(s, 1));
    awaitComplete();
    assertThat(cluster.objects.list(PersistentVolumeClaim.class))
        .extracting(c -> c.getMetadata().getName())
        .containsExactly("data-db-0");
    Path volume =
        Path.of(
            cluster
                .objects
                .list(PersistentVolume.class)
                .getFirst()
                .getSpec()
                .getHostPath()
                .getPath());
    Files.writeString(volume.resolve("file"), "kept until no pod writes");
    cluster.kubelet.holdDeletions();
    cluster.objects.delete(StatefulSet.class, "default", "db", -1);
    cluster.settle();
    assertThat(volume.resolve("file")).exists();
    cluster.kubelet.letGo();
    cluster.await("volume gone", () -> cluster.objects.list(PersistentVolume.class).isEmpty());
    assertThat(volume).doesNotExist();
    assertThat(cluster.objects.list(ControllerRevision.class)).isEmpty();
  }

  private static StatefulSet retention(StatefulSet set) {
    set.getSpec()
        .setPersistentVolumeClaimRetentionPolicy(
            new StatefulSetPersistentVolumeClaimRetentionPolicy("Delete", "Delete"));
    return set;
  }
}
