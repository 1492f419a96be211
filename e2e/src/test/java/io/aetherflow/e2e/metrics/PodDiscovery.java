package io.aetherflow.e2e.metrics;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/**
 * What Prometheus' Kubernetes discovery with {@code role: pod} finds, as a file for its file
 * discovery: one target for each declared port of a pod with an address, with the same {@code
 * __meta} labels. Debian builds its package without the former.
 */
public final class PodDiscovery {
  private static final String META = "__meta_kubernetes_pod_";

  private PodDiscovery() {}

  public static String targets(List<Pod> pods) {
    ArrayNode groups = new ObjectMapper().createArrayNode();
    for (Pod pod : pods) {
      if (pod.getStatus() == null || pod.getStatus().getPodIP() == null) {
        continue;
      }
      for (Container container : pod.getSpec().getContainers()) {
        container.getPorts().forEach(port -> add(groups, pod, port));
      }
    }
    return groups.toString();
  }

  private static void add(ArrayNode groups, Pod pod, ContainerPort port) {
    ObjectNode group = groups.addObject();
    group.putArray("targets").add(pod.getStatus().getPodIP() + ":" + port.getContainerPort());
    ObjectNode labels = group.putObject("labels");
    labels.put("__meta_kubernetes_namespace", pod.getMetadata().getNamespace());
    labels.put(META + "name", pod.getMetadata().getName());
    labels.put(META + "phase", pod.getStatus().getPhase());
    labels.put(META + "container_port_name", port.getName());
    pod.getMetadata()
        .getLabels()
        .forEach((name, value) ->
            labels.put(META + "label_" + name.replaceAll("[^a-zA-Z0-9_]", "_"), value));
  }
}
