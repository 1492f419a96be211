package io.aetherflow.local.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The names that cluster DNS would answer, as lines of a hosts file. Pure; made once for every
 * namespace, for short names differ.
 */
final class ClusterNames {
  private static final String DOMAIN = "cluster.local";

  private final List<Service> services;
  private final List<Pod> pods;

  ClusterNames(List<Service> services, List<Pod> pods) {
    this.services = services;
    this.pods = pods;
  }

  String of(String namespace) {
    TreeSet<String> lines = new TreeSet<>();
    lines.add("127.0.0.1 kubernetes.default.svc kubernetes.default.svc." + DOMAIN);
    for (Service service : services) {
      String address = service.getSpec().getClusterIP();
      if ("None".equals(address)) {
        headless(lines, service, namespace);
      } else if (address != null && !address.isEmpty()) {
        lines.add(address + " " + names("", service, namespace));
      }
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private void headless(TreeSet<String> lines, Service service, String namespace) {
    boolean unready = Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
    for (Pod pod : pods) {
      String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
      if (address == null || !selects(service, pod) || !unready && !isReady(pod)) {
        continue;
      }
      String hostname = pod.getSpec().getHostname();
      boolean named =
          hostname != null && service.getMetadata().getName().equals(pod.getSpec().getSubdomain());
      // The pod's own name first: looking an address up gives the first name of its line.
      lines.add(
          address
              + (named ? " " + names(hostname + ".", service, namespace) : "")
              + " "
              + names("", service, namespace));
    }
  }

  private static boolean selects(Service service, Pod pod) {
    Map<String, String> selector = service.getSpec().getSelector();
    Map<String, String> labels = pod.getMetadata().getLabels();
    return selector != null
        && !selector.isEmpty()
        && labels != null
        && pod.getMetadata().getNamespace().equals(service.getMetadata().getNamespace())
        && labels.entrySet().containsAll(selector.entrySet());
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch((PodCondition each) ->
            each.getType().equals("Ready") && each.getStatus().equals("True"));
  }

  private static String names(String prefix, Service service, String namespace) {
    String name = prefix + service.getMetadata().getName();
    String full = name + "." + service.getMetadata().getNamespace();
    String all = full + ".svc." + DOMAIN + " " + full + ".svc " + full;
    return service.getMetadata().getNamespace().equals(namespace) ? all + " " + name : all;
  }
}
