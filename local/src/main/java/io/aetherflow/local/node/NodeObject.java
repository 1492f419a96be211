package io.aetherflow.local.node;

import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The node's own object in the API. */
final class NodeObject {
  private static final int PODS_MAX = 250;

  private NodeObject() {}

  static void register(Objects objects, String address, Clock clock) {
    String name = io.aetherflow.local.node.Node.NAME;
    Node node =
        objects
            .find(Node.class, null, name)
            .orElseGet(() ->
                objects.create(
                    new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("kubernetes.io/hostname", name)
                        .addToLabels("kubernetes.io/os", "linux")
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build()));
    node.setStatus(status(address, clock, true));
    objects.replaceStatus(node);
  }

  static void unready(Objects objects, String address, Clock clock) {
    Optional<Node> found = objects.find(Node.class, null, io.aetherflow.local.node.Node.NAME);
    found.ifPresent(node -> {
      node.setStatus(status(address, clock, false));
      objects.replaceStatus(node);
    });
  }

  private static NodeStatus status(String address, Clock clock, boolean ready) {
    Map<String, Quantity> capacity =
        Map.of(
            "cpu", new Quantity(Integer.toString(Runtime.getRuntime().availableProcessors())),
            "memory", new Quantity(memoryKibibytes() + "Ki"),
            "pods", new Quantity(Integer.toString(PODS_MAX)));
    return new NodeStatusBuilder()
        .withCapacity(capacity)
        .withAllocatable(capacity)
        .addNewAddress(address, "InternalIP")
        .addNewAddress(io.aetherflow.local.node.Node.NAME, "Hostname")
        .withConditions(List.of(condition(clock, ready)))
        .withNewNodeInfo()
        .withOperatingSystem("linux")
        .withArchitecture(System.getProperty("os.arch"))
        .withKernelVersion(System.getProperty("os.version"))
        .withKubeletVersion("local")
        .withContainerRuntimeVersion("process://1")
        .withOsImage("this machine")
        .endNodeInfo()
        .build();
  }

  private static NodeCondition condition(Clock clock, boolean ready) {
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    return new NodeConditionBuilder()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .withReason(ready ? "KubeletReady" : "NodeShutdown")
        .withMessage(ready ? "the node runs pods" : "the node has been stopped")
        .withLastTransitionTime(now)
        .withLastHeartbeatTime(now)
        .build();
  }

  private static long memoryKibibytes() {
    var system =
        (com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize() / 1024;
  }
}
