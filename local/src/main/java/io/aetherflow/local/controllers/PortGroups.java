package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A Service's pods by the port numbers its ports mean on them; named ports may differ. */
final class PortGroups {
  private PortGroups() {}

  /** One port of a Service on the pods of one group. */
  record Target(String name, int port, String protocol, String appProtocol) {}

  /** Pods in name order, groups in a stable order. */
  static List<Map.Entry<List<Target>, List<Pod>>> of(Service service, List<Pod> pods) {
    Map<String, Map.Entry<List<Target>, List<Pod>>> groups = new TreeMap<>();
    for (Pod pod : pods) {
      List<Target> targets = new ArrayList<>();
      for (ServicePort port : service.getSpec().getPorts()) {
        number(port, pod)
            .ifPresent(number ->
                targets.add(
                    new Target(port.getName(), number, port.getProtocol(), port.getAppProtocol())));
      }
      boolean portless = service.getSpec().getPorts().isEmpty();
      if (portless || !targets.isEmpty()) {
        groups
            .computeIfAbsent(targets.toString(), t -> Map.entry(targets, new ArrayList<>()))
            .getValue()
            .add(pod);
      }
    }
    return List.copyOf(groups.values());
  }

  private static Optional<Integer> number(ServicePort port, Pod pod) {
    IntOrString target = port.getTargetPort();
    if (target == null) {
      return Optional.of(port.getPort());
    }
    if (target.getStrVal() == null) {
      return Optional.of(target.getIntVal());
    }
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(p -> target.getStrVal().equals(p.getName()))
        .filter(p -> port.getProtocol().equals(p.getProtocol()))
        .map(ContainerPort::getContainerPort)
        .findFirst();
  }
}
