package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;

/** Services and their ports. */
final class Services {
  private Services() {}

  static Service clusterIp(Names names, String name, String component, List<ServicePort> ports) {
    return service(names, name, component, "ClusterIP", ports);
  }

  static Service loadBalancer(Names names, String name, String component, List<ServicePort> ports) {
    return service(names, name, component, "LoadBalancer", ports);
  }

  static ServicePort tcp(String name, int port, int targetPort) {
    return port(name, port, targetPort, "TCP");
  }

  static ServicePort udp(String name, int port, int targetPort) {
    return port(name, port, targetPort, "UDP");
  }

  private static ServicePort port(String name, int port, int targetPort, String protocol) {
    return new ServicePortBuilder()
        .withName(name)
        .withPort(port)
        .withTargetPort(new IntOrString(targetPort))
        .withProtocol(protocol)
        .build();
  }

  private static Service service(
      Names names, String name, String component, String type, List<ServicePort> ports) {
    return new ServiceBuilder()
        .withMetadata(Metadata.of(names, name, component))
        .withNewSpec()
        .withType(type)
        .withSelector(Labels.selector(names, component))
        .withPorts(ports)
        .endSpec()
        .build();
  }
}
