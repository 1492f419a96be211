package io.aetherflow.local.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Asks a container one question, as the kubelet does. Blocks; call it on a virtual thread. */
final class Prober {
  private static final int OK_FROM = 200;
  private static final int OK_BELOW = 400;

  private Prober() {}

  /** Empty on success, else what went wrong. */
  static Optional<String> ask(Probe probe, Container container, String podIp) {
    Duration timeout =
        Duration.ofSeconds(probe.getTimeoutSeconds() == null ? 1 : probe.getTimeoutSeconds());
    try {
      if (probe.getHttpGet() != null) {
        return http(probe.getHttpGet(), container, podIp, timeout);
      }
      if (probe.getTcpSocket() != null) {
        return tcp(port(probe.getTcpSocket().getPort(), container), podIp, timeout);
      }
      return Optional.of("the local node has httpGet and tcpSocket probes only");
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private static Optional<String> http(
      HTTPGetAction get, Container container, String podIp, Duration timeout) throws IOException {
    String host = get.getHost() == null || get.getHost().isEmpty() ? podIp : get.getHost();
    String scheme = get.getScheme() == null ? "http" : get.getScheme().toLowerCase();
    String path = get.getPath() == null ? "/" : get.getPath();
    URI uri = URI.create(scheme + "://" + host + ":" + port(get.getPort(), container) + path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout((int) timeout.toMillis());
    connection.setReadTimeout((int) timeout.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty("User-Agent", "kube-probe/local");
    connection.setRequestProperty("Connection", "close");
    if (get.getHttpHeaders() != null) {
      for (HTTPHeader header : get.getHttpHeaders()) {
        connection.setRequestProperty(header.getName(), header.getValue());
      }
    }
    try {
      int status = connection.getResponseCode();
      return status >= OK_FROM && status < OK_BELOW
          ? Optional.empty()
          : Optional.of("HTTP probe failed with statuscode: " + status);
    } finally {
      connection.disconnect();
    }
  }

  private static Optional<String> tcp(int port, String podIp, Duration timeout) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(podIp, port), (int) timeout.toMillis());
      return Optional.empty();
    }
  }

  private static int port(IntOrString port, Container container) {
    if (port.getIntVal() != null) {
      return port.getIntVal();
    }
    return container.getPorts().stream()
        .filter(declared -> port.getStrVal().equals(declared.getName()))
        .map(ContainerPort::getContainerPort)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the container declares no port named '" + port.getStrVal() + "'"));
  }
}
