package io.aetherflow.local.node;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cluster addresses of Services work for TCP, as kube-proxy does: a listener per address
 * and port that hands each connection to a ready endpoint in turn. Belongs to the loop; connections
 * run on virtual threads.
 */
final class ServiceProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceProxy.class);

  private final Map<InetSocketAddress, TcpRelay> relays = new HashMap<>();
  private final Set<InetSocketAddress> refused = new HashSet<>();

  /** Makes listeners and endpoints what the objects say. */
  void update(List<Service> services, List<EndpointSlice> slices) {
    Map<InetSocketAddress, List<InetSocketAddress>> wanted = new HashMap<>();
    for (Service service : services) {
      String address = service.getSpec().getClusterIP();
      if (address == null || address.isEmpty() || address.equals("None")) {
        continue;
      }
      for (ServicePort port : service.getSpec().getPorts()) {
        if (port.getProtocol() == null || port.getProtocol().equals("TCP")) {
          wanted.put(
              new InetSocketAddress(address, port.getPort()), endpoints(service, port, slices));
        }
      }
    }
    relays
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !wanted.containsKey(entry.getKey());
          if (gone) {
            entry.getValue().close();
          }
          return gone;
        });
    wanted.forEach(this::relay);
  }

  private void relay(InetSocketAddress address, List<InetSocketAddress> endpoints) {
    TcpRelay present = relays.get(address);
    if (present != null) {
      present.endpoints(endpoints);
    } else if (!refused.contains(address)) {
      try {
        relays.put(address, TcpRelay.listen(address, endpoints));
      } catch (IOException e) {
        refused.add(address);
        LOG.warn("the service address {} stays closed: {}", address, e.getMessage());
      }
    }
  }

  private static List<InetSocketAddress> endpoints(
      Service service, ServicePort port, List<EndpointSlice> slices) {
    List<InetSocketAddress> found = new ArrayList<>();
    for (EndpointSlice slice : slices) {
      if (!belongs(slice, service)) {
        continue;
      }
      for (EndpointPort target : slice.getPorts()) {
        boolean same =
            Objects.equals(orEmpty(target.getName()), orEmpty(port.getName()))
                && (target.getProtocol() == null || target.getProtocol().equals("TCP"));
        if (same) {
          for (Endpoint endpoint : slice.getEndpoints()) {
            if (!Boolean.FALSE.equals(endpoint.getConditions().getReady())) {
              endpoint
                  .getAddresses()
                  .forEach(ip -> found.add(new InetSocketAddress(ip, target.getPort())));
            }
          }
        }
      }
    }
    return found;
  }

  private static boolean belongs(EndpointSlice slice, Service service) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    return labels != null
        && slice.getMetadata().getNamespace().equals(service.getMetadata().getNamespace())
        && service.getMetadata().getName().equals(labels.get("kubernetes.io/service-name"));
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  @Override
  public void close() {
    relays.values().forEach(TcpRelay::close);
    relays.clear();
  }
}
