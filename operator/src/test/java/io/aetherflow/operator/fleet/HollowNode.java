package io.aetherflow.operator.fleet;

import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node that runs nothing: its pods are ready as soon as they are bound, gone when deleted. */
final class HollowNode implements AutoCloseable {
  private static final String NAME = "local";

  private final Objects objects;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Objects.Subscription pods;
  private int addresses;

  HollowNode(Objects objects) {
    this.objects = objects;
    register();
    pods = objects.watch(Pod.class, change -> follow(change.object()));
  }

  private void register() {
    objects.create(new NodeBuilder().withNewMetadata().withName(NAME).endMetadata().build());
    objects.replaceStatus(
        new NodeBuilder(objects.find(io.fabric8.kubernetes.api.model.Node.class, null, NAME).get())
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build());
  }

  private void follow(Pod pod) {
    boolean leaves = pod.getMetadata().getDeletionTimestamp() != null;
    boolean starts =
        pod.getSpec().getNodeName() != null
            && (pod.getStatus() == null || pod.getStatus().getPodIP() == null);
    if ((leaves || starts) && !thread.isShutdown()) {
      thread.execute(() -> act(pod.getMetadata().getNamespace(), pod.getMetadata().getName()));
    }
  }

  private void act(String namespace, String name) {
    Optional<Pod> found = objects.find(Pod.class, namespace, name);
    if (found.isEmpty()) {
      return;
    }
    Pod pod = found.get();
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      objects.delete(Pod.class, namespace, name, 0);
    } else if (pod.getStatus().getPodIP() == null) {
      try {
        objects.replaceStatus(running(pod));
      } catch (ApiException e) {
        if (e.code() != HttpURLConnection.HTTP_CONFLICT) {
          throw e;
        }
        act(namespace, name);
      }
    }
  }

  private Pod running(Pod pod) {
    addresses++;
    List<PodCondition> conditions = new ArrayList<>(pod.getStatus().getConditions());
    conditions.add(
        new PodConditionBuilder()
            .withType("Ready")
            .withStatus("True")
            .withLastTransitionTime(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
            .build());
    List<ContainerStatus> containers =
        pod.getSpec().getContainers().stream()
            .map(container ->
                new ContainerStatusBuilder()
                    .withName(container.getName())
                    .withImage(container.getImage())
                    .withReady(true)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewRunning()
                    .endRunning()
                    .endState()
                    .build())
            .toList();
    return new PodBuilder(pod)
        .editStatus()
        .withPhase("Running")
        .withPodIP("127.88.%d.%d".formatted(addresses >> 8 & 0xff, addresses & 0xff))
        .withConditions(conditions)
        .withContainerStatuses(containers)
        .endStatus()
        .build();
  }

  @Override
  public void close() {
    pods.close();
    // Its events may still be on their way, so the thread only stops taking work.
    thread.shutdown();
  }
}
