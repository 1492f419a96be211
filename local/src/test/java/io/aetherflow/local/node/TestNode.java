package io.aetherflow.local.node;

import static org.awaitility.Awaitility.await;

import io.aetherflow.local.server.PodLogs;
import io.aetherflow.local.store.ObjectStore;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** A node over a store without an API and without controllers; pods run shell scripts. */
final class TestNode implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  private final Path state;
  private final ObjectStore store;
  private LogFiles logs;
  private Node node;

  TestNode(Path state) throws IOException {
    this.state = state;
    this.store = new ObjectStore(state.resolve("objects"), Clock.systemUTC());
    start();
  }

  /** After {@link #crash} or {@link #stop}. */
  void start() throws IOException {
    Path images = state.resolve("images.yaml");
    Files.writeString(
        images,
        """
        images:
        - {name: shell, tags: ["1"], entrypoint: [sh, -c]}
        """);
    logs = new LogFiles(state.resolve("logs"));
    node =
        Node.start(
            store,
            new NodeOptions(
                state,
                "127.77",
                Images.read(images, state),
                logs,
                List.of(),
                (namespace, account) -> new Account("token of " + account, "ca"),
                Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
                Clock.systemUTC()));
  }

  /** Ends the node as its death would: the processes run on. */
  void crash() {
    node.close();
  }

  /** Ends the node and its processes. */
  void stop() {
    node.stop();
  }

  ObjectStore store() {
    return store;
  }

  /**
   * A pod of one container, in the namespace default and bound to the node.
   *
   * @param script for {@code sh -c}
   */
  static PodBuilder pod(String name, String script) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNodeName(Node.NAME)
        .withServiceAccountName("default")
        .addNewContainer()
        .withName("main")
        .withImage("shell:1")
        .withArgs(script)
        .endContainer()
        .endSpec();
  }

  Pod create(PodBuilder pod) {
    return store.create(pod.build());
  }

  /** The pod once it is so. */
  Pod when(String name, Predicate<Pod> condition) {
    return await(name)
        .atMost(SOON)
        .until(
            () -> store.find(Pod.class, "default", name),
            found -> found.isPresent() && condition.test(found.get()))
        .orElseThrow();
  }

  static ContainerStatus container(Pod pod) {
    List<ContainerStatus> all = pod.getStatus().getContainerStatuses();
    return all.isEmpty() ? new ContainerStatus() : all.getFirst();
  }

  static boolean isReady(Pod pod) {
    return Boolean.TRUE.equals(container(pod).getReady());
  }

  static boolean ended(Pod pod) {
    return "Succeeded".equals(pod.getStatus().getPhase());
  }

  static long pid(Pod pod) {
    return Long.parseLong(container(pod).getContainerID().replace("process://", ""));
  }

  String log(String pod) throws IOException {
    try (var stream =
        logs.open(
            new PodLogs.Request("default", pod, "", false, OptionalLong.empty(), false, false))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    node.stop();
    store.close();
  }
}
