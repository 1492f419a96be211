package io.aetherflow.local.controllers;

import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Plays the node on command: an image with {@code bad} in its name cannot be pulled, one with
 * {@code mute} runs but never gets ready by itself, all others are ready at once.
 */
final class FakeKubelet implements AutoCloseable {
  private final Objects objects;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Objects.Subscription subscription;
  private volatile boolean holdingDeletions;
  private int addresses;

  FakeKubelet(Objects objects) {
    this.objects = objects;
    if (objects.find(Node.class, null, "local").isEmpty()) {
      objects.create(new NodeBuilder().withNewMetadata().withName("local").endMetadata().build());
      setNodeReady(true);
    }
    subscription =
        objects.watch(
            Pod.class,
            change -> {
              Pod pod = change.object();
              if (change.kind() != Objects.Change.Kind.DELETED && !thread.isShutdown()) {
                thread.execute(() -> follow(pod));
              }
            });
  }

  void setNodeReady(boolean ready) {
    Node node = objects.find(Node.class, null, "local").orElseThrow();
    objects.replaceStatus(
        new NodeBuilder(node)
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .endCondition()
            .endStatus()
            .build());
  }

  /** From now on deleted pods keep terminating until {@link #letGo}. */
  void holdDeletions() {
    holdingDeletions = true;
  }

  void letGo() {
    holdingDeletions = false;
    thread.execute(() -> objects.list(Pod.class).forEach(this::follow));
  }

  private void follow(Pod seen) {
    String namespace = seen.getMetadata().getNamespace();
    Pod pod = objects.find(Pod.class, namespace, seen.getMetadata().getName()).orElse(null);
    if (pod == null || pod.getSpec().getNodeName() == null) {
      return;
    }
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      if (!holdingDeletions) {
        objects.delete(Pod.class, namespace, pod.getMetadata().getName(), 0);
      }
      return;
    }
    boolean untouched =
        pod.getStatus().getPodIP() == null && pod.getStatus().getContainerStatuses().isEmpty();
    if (untouched) {
      start(pod);
    }
  }

  private void start(Pod pod) {
    String image = pod.getSpec().getContainers().getFirst().getImage();
    if (image.contains("bad")) {
      waiting(pod, "ErrImagePull");
    } else {
      running(pod, !image.contains("mute"));
    }
  }

  private void waiting(Pod pod, String reason) {
    write(
        pod,
        status -> {
          status.setPhase("Pending");
          status.setContainerStatuses(
              List.of(
                  new ContainerStatusBuilder()
                      .withName("main")
                      .withReady(false)
                      .withRestartCount(0)
                      .withNewState()
                      .withNewWaiting("not there", reason)
                      .endState()
                      .build()));
          ready(status, false);
        });
  }

  private void running(Pod pod, boolean ready) {
    String address = "127.77.0." + ++addresses;
    write(
        pod,
        status -> {
          status.setPhase("Running");
          status.setPodIP(address);
          ready(status, ready);
        });
  }

  /** Reports the pod ready or not. */
  void setReady(Pod pod, boolean ready) {
    write(pod, status -> ready(status, ready));
  }

  void fail(Pod pod) {
    write(
        pod,
        status -> {
          status.setPhase("Failed");
          ready(status, false);
        });
  }

  private static void ready(PodStatus status, boolean ready) {
    List<PodCondition> conditions = new ArrayList<>(status.getConditions());
    conditions.removeIf(c -> c.getType().equals("Ready"));
    conditions.add(
        new PodConditionBuilder()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .withLastTransitionTime(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
            .build());
    status.setConditions(conditions);
  }

  private void write(Pod pod, java.util.function.Consumer<PodStatus> change) {
    while (true) {
      Pod live =
          objects
              .find(Pod.class, pod.getMetadata().getNamespace(), pod.getMetadata().getName())
              .orElse(null);
      if (live == null) {
        return;
      }
      Pod next = Json.model(Json.tree(live), Pod.class);
      change.accept(next.getStatus());
      try {
        objects.replaceStatus(next);
        return;
      } catch (ApiException e) {
        if (e.code() != 409) {
          return;
        }
      }
    }
  }

  void drain() throws Exception {
    thread.submit(() -> {}).get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    subscription.close();
    // Its events may still be on their way, so the thread only stops taking work.
    thread.shutdown();
  }
}
