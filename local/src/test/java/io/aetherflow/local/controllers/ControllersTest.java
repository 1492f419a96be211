package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControllersTest {
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

  private void populate() throws Exception {
    Service balanced = Samples.service("web");
    balanced.getSpec().setType("LoadBalancer");
    cluster.objects.create(balanced);
    cluster.objects.create(Samples.service("db"));
    cluster.objects.create(budget());
    cluster.objects.create(Samples.deployment("web", 2));
    cluster.objects.create(Samples.statefulSet("db", 3, "Parallel"));
    cluster.await(
        "five ready pods",
        () -> cluster.objects.list(Pod.class).stream().filter(PodStates::isReady).count() == 5);
    cluster.settle();
  }

  private static PodDisruptionBudget budget() {
    return new PodDisruptionBudgetBuilder()
        .withNewMetadata()
        .withName("db")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        .withNewSelector()
        .addToMatchLabels("app", "db")
        .endSelector()
        .endSpec()
        .build();
  }

  @Test
  void aRestartWritesNothing() throws Exception {
    populate();
    long before = cluster.revision();
    cluster.close();
    cluster = new TestCluster(directory);
    cluster.settle();
    assertThat(cluster.revision()).isEqualTo(before);
    assertThat(cluster.objects.list(Pod.class)).hasSize(5);
  }

  @Test
  void aClusterAtRestWritesNothingWhateverIsTouched() throws Exception {
    populate();
    long before = cluster.revision();
    Pod pod = cluster.pods("web").getFirst();
    pod.getMetadata().setAnnotations(Map.of("note", "one"));
    cluster.objects.replace(pod);
    cluster.settle();
    assertThat(cluster.revision()).as("only the test's own write").isEqualTo(before + 1);
  }

  @Test
  void aRestartInTheMiddleFinishesTheWork() throws Exception {
    populate();
    cluster.edit(Deployment.class, "web", d -> Samples.image(d, "app:2"));
    cluster.edit(
        io.fabric8.kubernetes.api.model.apps.StatefulSet.class,
        "db",
        s -> Samples.image(s, "app:2"));
    cluster.close();
    cluster = new TestCluster(directory);
    cluster.await(
        "five new pods",
        () ->
            cluster.objects.list(Pod.class).stream()
                    .filter(PodStates::isReady)
                    .filter(p -> p.getSpec().getContainers().getFirst().getImage().equals("app:2"))
                    .count()
                == 5);
    cluster.settle();
    assertThat(cluster.objects.list(Pod.class)).hasSize(5);
  }

  @Test
  void everyNamespaceHasADefaultServiceAccount() throws Exception {
    cluster.objects.create(
        new NamespaceBuilder().withNewMetadata().withName("other").endMetadata().build());
    cluster.await(
        "account",
        () -> cluster.objects.find(ServiceAccount.class, "other", "default").isPresent());
    assertThat(cluster.objects.find(ServiceAccount.class, "kube-system", "default")).isPresent();
  }

  @Test
  void podsWaitForTheNodeAndSaySo() throws Exception {
    cluster.kubelet.setNodeReady(false);
    cluster.settle();
    cluster.objects.create(Samples.deployment("web", 1));
    cluster.await(
        "unschedulable",
        () ->
            cluster.pods("web").stream()
                .flatMap(p -> PodStates.condition(p, "PodScheduled").stream())
                .anyMatch(c -> "Unschedulable".equals(c.getReason())));
    cluster.settle();
    assertThat(cluster.objects.list(Event.class))
        .filteredOn(e -> e.getReason().equals("FailedScheduling"))
        .hasSize(1);
    cluster.kubelet.setNodeReady(true);
    cluster.await("ready", () -> cluster.pods("web").stream().anyMatch(PodStates::isReady));
  }

  @Test
  void endpointsFollowReadinessAndNamedPorts() throws Exception {
    cluster.objects.create(Samples.service("web"));
    cluster.objects.create(Samples.deployment("web", 2));
    cluster.await(
        "two endpoints", () -> endpoints("web").stream().filter(this::ready).count() == 2);
    EndpointSlice slice = slices("web").getFirst();
    assertThat(slice.getPorts().getFirst().getPort()).isEqualTo(8080);
    assertThat(slice.getPorts().getFirst().getName()).isEqualTo("web");
    assertThat(slice.getMetadata().getOwnerReferences().getFirst().getKind()).isEqualTo("Service");
    Pod pod = cluster.pods("web").getFirst();
    cluster.kubelet.setReady(pod, false);
    cluster.await("one endpoint", () -> endpoints("web").stream().filter(this::ready).count() == 1);
    cluster.settle();
    assertThat(cluster.get(Endpoints.class, "web").getSubsets().getFirst().getNotReadyAddresses())
        .hasSize(1);
    cluster.kubelet.holdDeletions();
    cluster.objects.delete(
        Pod.class, "default", cluster.pods("web").get(1).getMetadata().getName(), 30);
    cluster.await(
        "terminating endpoint",
        () -> endpoints("web").stream().anyMatch(e -> e.getConditions().getTerminating()));
    assertThat(endpoints("web"))
        .filteredOn(e -> e.getConditions().getTerminating())
        .allSatisfy(e -> {
          assertThat(e.getConditions().getReady()).isFalse();
          assertThat(e.getConditions().getServing()).isTrue();
        });
  }

  private boolean ready(Endpoint endpoint) {
    return endpoint.getConditions().getReady();
  }

  private List<EndpointSlice> slices(String service) {
    return cluster.objects.list(EndpointSlice.class).stream()
        .filter(s -> service.equals(s.getMetadata().getLabels().get(ServiceEndpoints.SERVICE_NAME)))
        .toList();
  }

  private List<Endpoint> endpoints(String service) {
    return slices(service).stream().flatMap(s -> s.getEndpoints().stream()).toList();
  }

  @Test
  void headlessServicesPublishNamesBeforeReadiness() throws Exception {
    Service service = Samples.service("db");
    service.getSpec().setClusterIP("None");
    service.getSpec().setPublishNotReadyAddresses(true);
    cluster.objects.create(service);
    cluster.objects.create(Samples.image(Samples.statefulSet("db", 2, "Parallel"), "mute:1"));
    cluster.await("two endpoints", () -> endpoints("db").stream().filter(this::ready).count() == 2);
    cluster.settle();
    assertThat(endpoints("db")).extracting(Endpoint::getHostname).containsExactly("db-0", "db-1");
    assertThat(cluster.get(Endpoints.class, "db").getSubsets().getFirst().getAddresses())
        .hasSize(2);
  }

  @Test
  void aLoadBalancerHasItsClusterAddress() throws Exception {
    Service service = Samples.service("web");
    service.getSpec().setType("LoadBalancer");
    cluster.objects.create(service);
    cluster.settle();
    Service balanced = cluster.get(Service.class, "web");
    assertThat(balanced.getStatus().getLoadBalancer().getIngress().getFirst().getIp())
        .isEqualTo(balanced.getSpec().getClusterIP())
        .startsWith("127.79.");
  }

  @Test
  void budgetsCountDisruptions() throws Exception {
    populate();
    assertThat(cluster.get(PodDisruptionBudget.class, "db").getStatus().getDisruptionsAllowed())
        .isEqualTo(1);
    cluster.kubelet.setReady(cluster.get(Pod.class, "db-1"), false);
    cluster.settle();
    var status = cluster.get(PodDisruptionBudget.class, "db").getStatus();
    assertThat(status.getDisruptionsAllowed()).isZero();
    assertThat(status.getExpectedPods()).isEqualTo(3);
    assertThat(status.getCurrentHealthy()).isEqualTo(2);
  }

  private PersistentVolumeClaim claim(String storageClass) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName("disk")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storageClass)
        .withNewResources()
        .withRequests(Map.of("storage", new Quantity("1Gi")))
        .endResources()
        .endSpec()
        .build();
  }

  @Test
  void aClaimGetsADirectoryThatGoesWithIt() throws Exception {
    cluster.objects.create(claim(null));
    cluster.settle();
    PersistentVolumeClaim bound = cluster.get(PersistentVolumeClaim.class, "disk");
    assertThat(bound.getStatus().getPhase()).isEqualTo("Bound");
    assertThat(bound.getStatus().getCapacity()).containsEntry("storage", new Quantity("1Gi"));
    PersistentVolume volume =
        cluster
            .objects
            .find(PersistentVolume.class, null, bound.getSpec().getVolumeName())
            .orElseThrow();
    assertThat(volume.getMetadata().getName()).isEqualTo("pvc-" + bound.getMetadata().getUid());
    assertThat(volume.getStatus().getPhase()).isEqualTo("Bound");
    Path path = Path.of(volume.getSpec().getHostPath().getPath());
    assertThat(path.getFileName().toString()).startsWith("default_disk_");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rwxrwxrwx");
    Files.createDirectories(path.resolve("deep/er"));
    cluster.objects.delete(PersistentVolumeClaim.class, "default", "disk", -1);
    cluster.settle();
    assertThat(cluster.objects.list(PersistentVolumeClaim.class)).isEmpty();
    assertThat(cluster.objects.list(PersistentVolume.class)).isEmpty();
    assertThat(path).doesNotExist();
  }

  @Test
  void anUnknownStorageClassLeavesTheClaimPending() throws Exception {
    cluster.objects.create(claim("fast"));
    cluster.settle();
    assertThat(cluster.get(PersistentVolumeClaim.class, "disk").getStatus().getPhase())
        .isEqualTo("Pending");
    assertThat(cluster.objects.list(Event.class))
        .extracting(Event::getReason)
        .contains("ProvisioningFailed");
    StorageClass standard =
        cluster.objects.find(StorageClass.class, null, Claims.STANDARD).orElseThrow();
    assertThat(standard.getMetadata().getAnnotations())
        .containsEntry("storageclass.kubernetes.io/is-default-class", "true");
  }
}
