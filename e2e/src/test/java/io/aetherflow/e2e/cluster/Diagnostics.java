package io.aetherflow.e2e.cluster;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What to read when a test failed: the resource's status, the pods, the ends of the logs. */
final class Diagnostics {
  private static final int TAIL_LINES = 15;

  private Diagnostics() {}

  static String describe(Cluster cluster) {
    StringBuilder text = new StringBuilder("the cluster looks like this:\n");
    try {
      text.append(cluster.afc().get().describe()).append('\n');
      for (String namespace : List.of(Cluster.NAMESPACE, Cluster.OPERATOR_NAMESPACE)) {
        cluster.client().pods().inNamespace(namespace).list().getItems().stream()
            .map(Diagnostics::line)
            .forEach(line -> text.append(line).append('\n'));
      }
    } catch (KubernetesClientException | AssertionError e) {
      text.append("the API does not answer: ").append(e.getMessage()).append('\n');
    }
    if (cluster.isLocal()) {
      text.append(logTails(cluster.local().state()));
    }
    return text.toString();
  }

  private static String line(Pod pod) {
    String containers =
        pod.getStatus().getContainerStatuses().stream()
            .map(Diagnostics::container)
            .collect(Collectors.joining(", "));
    return "  pod %s %s %s"
        .formatted(pod.getMetadata().getName(), pod.getStatus().getPhase(), containers);
  }

  private static String container(ContainerStatus status) {
    String waiting =
        status.getState() != null && status.getState().getWaiting() != null
            ? " waiting: " + status.getState().getWaiting().getReason()
            : "";
    return "ready=%s restarts=%d%s".formatted(status.getReady(), status.getRestartCount(), waiting);
  }

  static String logTails(Path state) {
    Path logs = state.resolve("logs");
    if (!Files.isDirectory(logs)) {
      return "no logs in " + logs;
    }
    try (Stream<Path> files = Files.list(logs)) {
      return files.sorted().map(Diagnostics::tail).collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return "cannot list " + logs + ": " + e.getMessage();
    }
  }

  private static String tail(Path file) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      return "--- "
          + file.getFileName()
          + "\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "--- " + file.getFileName() + ": " + e.getMessage();
    }
  }
}
