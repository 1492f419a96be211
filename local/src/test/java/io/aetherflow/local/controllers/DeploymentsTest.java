package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeploymentsTest {
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

  private void create(Deployment deployment) throws Exception {
    cluster.objects.create(deployment);
    awaitComplete(deployment.getMetadata().getName());
  }

  private Deployment web() {
    return cluster.get(Deployment.class, "web");
  }

  private void awaitComplete(String name) throws Exception {
    cluster.await(
        name + " complete",
        () -> {
          Deployment d = cluster.get(Deployment.class, name);
          DeploymentStatus status = d.getStatus();
          return status != null
              && d.getMetadata().getGeneration().equals(status.getObservedGeneration())
              && DeploymentConditions.isComplete(d, status)
              && reason(d, "Progressing").equals("NewReplicaSetAvailable");
        });
  }

  private static String reason(Deployment deployment, String type) {
    return deployment.getStatus().getConditions().stream()
        .filter(c -> c.getType().equals(type))
        .map(DeploymentCondition::getReason)
        .findFirst()
        .orElse("");
  }

  private static Set<String> uids(List<? extends HasMetadata> objects) {
    Set<String> uids = new TreeSet<>();
    objects.forEach(o -> uids.add(o.getMetadata().getUid()));
    return uids;
  }

  private void setImage(String image) {
    cluster.edit(Deployment.class, "web", d -> Samples.image(d, image));
  }

  @Test
  void makesPodsThatAreScheduledAndCounted() throws Exception {
    create(Samples.deployment("web", 3));
    assertThat(cluster.pods("web"))
        .hasSize(3)
        .allSatisfy(pod -> {
          assertThat(pod.getSpec().getNodeName()).isEqualTo("local");
          assertThat(pod.getMetadata().getLabels()).containsKey("pod-template-hash");
          assertThat(PodStates.condition(pod, "PodScheduled").orElseThrow().getStatus())
              .isEqualTo("True");
          assertThat(pod.getMetadata().getOwnerReferences().getFirst().getController()).isTrue();
        });
    cluster.settle();
    DeploymentStatus status = web().getStatus();
    assertThat(status.getAvailableReplicas()).isEqualTo(3);
    assertThat(status.getUnavailableReplicas()).isNull();
    assertThat(reason(web(), "Available")).isEqualTo("MinimumReplicasAvailable");
    assertThat(web().getMetadata().getAnnotations())
        .containsEntry("deployment.kubernetes.io/revision", "1");
  }

  @Test
  void aRollingUpdateWithSurgeNeverServesLess() throws Exception {
    create(Samples.deployment("web", 3));
    Set<String> before = uids(cluster.pods("web"));
    AtomicInteger least = new AtomicInteger(Integer.MAX_VALUE);
    AtomicInteger most = new AtomicInteger();
    cluster.observe(event -> {
      if (event.resource().equals("pods")) {
        List<Pod> pods = cluster.pods("web");
        int ready = (int) pods.stream().filter(PodStates::isReady).count();
        least.accumulateAndGet(ready, Math::min);
        most.accumulateAndGet(pods.size(), Math::max);
      }
    });
    setImage("app:2");
    awaitComplete("web");
    assertThat(uids(cluster.pods("web"))).hasSize(3).doesNotContainAnyElementsOf(before);
    assertThat(least.get()).as("pods that served at the worst moment").isEqualTo(3);
    assertThat(most.get()).as("pods at most: one over").isEqualTo(4);
    assertThat(web().getMetadata().getAnnotations())
        .containsEntry("deployment.kubernetes.io/revision", "2");
  }

  @Test
  void unavailabilityInPercentIsUsedAndKept() throws Exception {
    Deployment four = Samples.deployment("web", 4);
    four.getSpec().getStrategy().getRollingUpdate().setMaxSurge(new IntOrString(0));
    four.getSpec().getStrategy().getRollingUpdate().setMaxUnavailable(new IntOrString("50%"));
    create(four);
    setImage("mute:2");
    cluster.await("two new pods", () -> images("mute:2") == 2);
    cluster.settle();
    assertThat(images("app:1")).isEqualTo(2);
    assertThat(cluster.pods("web").stream().filter(PodStates::isReady)).hasSize(2);
  }

  private long images(String image) {
    return cluster.pods("web").stream()
        .filter(p -> p.getSpec().getContainers().getFirst().getImage().equals(image))
        .count();
  }

  @Test
  void aBrokenImageKeepsOldPodsAndRevertHeals() throws Exception {
    create(Samples.deployment("web", 2));
    Set<String> before = uids(cluster.pods("web"));
    setImage("bad:1");
    cluster.await("a broken pod", () -> images("bad:1") == 1);
    cluster.settle();
    assertThat(uids(cluster.pods("web"))).containsAll(before).hasSize(3);
    assertThat(web().getStatus().getUpdatedReplicas()).isEqualTo(1);
    assertThat(web().getStatus().getReadyReplicas()).isEqualTo(2);
    setImage("app:1");
    awaitComplete("web");
    cluster.settle();
    assertThat(uids(cluster.pods("web"))).isEqualTo(before);
  }

  @Test
  void aRolloutPastItsDeadlineIsReported() throws Exception {
    Deployment hasty = Samples.deployment("web", 1);
    hasty.getSpec().setProgressDeadlineSeconds(1);
    create(hasty);
    setImage("bad:1");
    cluster.await(
        "deadline", () -> reason(web(), "Progressing").equals("ProgressDeadlineExceeded"));
    assertThat(reason(web(), "Available")).isEqualTo("MinimumReplicasAvailable");
  }

  @Test
  void recreateEndsOldPodsFirst() throws Exception {
    Deployment deployment = Samples.deployment("web", 2);
    deployment.getSpec().getStrategy().setType("Recreate");
    deployment.getSpec().getStrategy().setRollingUpdate(null);
    create(deployment);
    cluster.kubelet.holdDeletions();
    setImage("app:2");
    cluster.await("old pods ending", () -> cluster.pods("web").isEmpty());
    cluster.settle();
    assertThat(cluster.objects.list(Pod.class)).hasSize(2);
    cluster.kubelet.letGo();
    awaitComplete("web");
    assertThat(images("app:2")).isEqualTo(2);
  }

  @Test
  void scalingKeepsWhatServes() throws Exception {
    create(Samples.deployment("web", 2));
    cluster.edit(Deployment.class, "web", d -> replicas(d, 4));
    awaitComplete("web");
    Set<String> keep = uids(cluster.pods("web").stream().skip(2).toList());
    cluster.kubelet.setReady(cluster.pods("web").get(0), false);
    cluster.kubelet.setReady(cluster.pods("web").get(1), false);
    cluster.settle();
    cluster.edit(Deployment.class, "web", d -> replicas(d, 2));
    awaitComplete("web");
    assertThat(uids(cluster.pods("web"))).isEqualTo(keep);
    assertThat(cluster.objects.list(ReplicaSet.class)).hasSize(1);
  }

  private static Deployment replicas(Deployment deployment, int replicas) {
    deployment.getSpec().setReplicas(replicas);
    return deployment;
  }

  @Test
  void scalingInARolloutGoesToBothSetsInProportion() throws Exception {
    Deployment deployment = Samples.deployment("web", 4);
    deployment.getSpec().getStrategy().getRollingUpdate().setMaxUnavailable(new IntOrString(1));
    create(deployment);
    setImage("mute:2");
    cluster.await("rollout stands", () -> images("mute:2") == 2 && images("app:1") == 3);
    cluster.settle();
    cluster.edit(Deployment.class, "web", d -> replicas(d, 9));
    cluster.await("scaled", () -> images("mute:2") + images("app:1") == 10);
    cluster.settle();
    assertThat(images("app:1")).isEqualTo(6);
    assertThat(images("mute:2")).isEqualTo(4);
  }

  @Test
  void undoMakesTheOldRevisionTheNewest() throws Exception {
    create(Samples.deployment("web", 1));
    setImage("app:2");
    awaitComplete("web");
    ReplicaSet old =
        cluster.objects.list(ReplicaSet.class).stream()
            .filter(set -> FreshSets.revision(set) == 1)
            .findFirst()
            .orElseThrow();
    var template =
        new PodTemplateSpecBuilder(old.getSpec().getTemplate())
            .editMetadata()
            .removeFromLabels("pod-template-hash")
            .endMetadata()
            .build();
    cluster.edit(
        Deployment.class,
        "web",
        d -> {
          d.getSpec().setTemplate(template);
          return d;
        });
    awaitComplete("web");
    assertThat(cluster.objects.list(ReplicaSet.class)).hasSize(2);
    assertThat(FreshSets.revision(cluster.get(ReplicaSet.class, old.getMetadata().getName())))
        .isEqualTo(3);
    assertThat(web().getMetadata().getAnnotations())
        .containsEntry("deployment.kubernetes.io/revision", "3");
  }

  @Test
  void aPausedDeploymentWaitsForItsResumption() throws Exception {
    create(Samples.deployment("web", 1));
    cluster.edit(Deployment.class, "web", d -> paused(Samples.image(d, "app:2"), true));
    cluster.await("paused", () -> reason(web(), "Progressing").equals("DeploymentPaused"));
    cluster.settle();
    assertThat(images("app:2")).isZero();
    cluster.edit(Deployment.class, "web", d -> paused(d, false));
    awaitComplete("web");
    assertThat(images("app:2")).isEqualTo(1);
  }

  private static Deployment paused(Deployment deployment, boolean paused) {
    deployment.getSpec().setPaused(paused);
    return deployment;
  }

  @Test
  void oldSetsBeyondTheHistoryGo() throws Exception {
    Deployment deployment = Samples.deployment("web", 1);
    deployment.getSpec().setRevisionHistoryLimit(1);
    create(deployment);
    for (int i = 2; i <= 4; i++) {
      setImage("app:" + i);
      awaitComplete("web");
    }
    cluster.settle();
    assertThat(cluster.objects.list(ReplicaSet.class)).hasSize(2);
  }

  @Test
  void minReadySecondsDelayAvailability() throws Exception {
    Deployment deployment = Samples.deployment("web", 1);
    deployment.getSpec().setMinReadySeconds(1);
    cluster.objects.create(deployment);
    cluster.await("ready", () -> ready(web()) == 1);
    assertThat(web().getStatus().getAvailableReplicas()).isNull();
    awaitComplete("web");
  }

  private static int ready(Deployment deployment) {
    return deployment.getStatus() == null
        ? 0
        : Numbers.orZero(deployment.getStatus().getReadyReplicas());
  }

  @Test
  void failedAndDeletedPodsAreReplaced() throws Exception {
    create(Samples.deployment("web", 2));
    List<Pod> pods = cluster.pods("web");
    Set<String> before = uids(pods);
    cluster.kubelet.fail(pods.getFirst());
    Pod second = pods.getLast();
    cluster.objects.delete(Pod.class, "default", second.getMetadata().getName(), 30);
    cluster.settle();
    awaitComplete("web");
    List<Pod> serving = cluster.pods("web").stream().filter(PodStates::isReady).toList();
    assertThat(uids(serving)).hasSize(2).doesNotContainAnyElementsOf(before);
  }

  @Test
  void deletionTakesSetsAndPodsAlong() throws Exception {
    create(Samples.deployment("web", 2));
    cluster.objects.delete(Deployment.class, "default", "web", -1);
    cluster.await(
        "all gone",
        () ->
            cluster.objects.list(Pod.class).isEmpty()
                && cluster.objects.list(ReplicaSet.class).isEmpty());
    cluster.settle();
    assertThat(cluster.objects.list(Pod.class)).isEmpty();
  }
}
