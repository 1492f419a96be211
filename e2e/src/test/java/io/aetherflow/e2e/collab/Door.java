package io.aetherflow.e2e.collab;

import io.aetherflow.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The way to one particular gateway pod: its own address on the local cluster, a port forward
 * through the Kubernetes API on any other.
 *
 * @param authority host and port
 */
public record Door(String authority, AutoCloseable forward) implements AutoCloseable {
  private static final int GATEWAY_PORT = 8080;

  public static Door to(Cluster cluster, Pod gateway) {
    if (cluster.isLocal()) {
      return new Door(gateway.getStatus().getPodIP() + ":" + GATEWAY_PORT, () -> {});
    }
    LocalPortForward forward =
        cluster
            .client()
            .pods()
            .inNamespace(Cluster.NAMESPACE)
            .withName(gateway.getMetadata().getName())
            .portForward(GATEWAY_PORT);
    return new Door("127.0.0.1:" + forward.getLocalPort(), forward);
  }

  /** The way that users take on a local cluster: the Service, which leads to any ready gateway. */
  public static Door toService(Cluster cluster) {
    Service service =
        cluster
            .client()
            .services()
            .inNamespace(Cluster.NAMESPACE)
            .withName(Cluster.NAME + "-api-gateway-svc")
            .get();
    return new Door(service.getSpec().getClusterIP() + ":" + GATEWAY_PORT, () -> {});
  }

  @Override
  public void close() {
    try {
      forward.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
