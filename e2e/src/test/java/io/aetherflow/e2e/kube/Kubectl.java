package io.aetherflow.e2e.kube;

import io.aetherflow.e2e.cluster.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The machine's own kubectl, on the cluster under test. */
public final class Kubectl {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Path kubeconfig;

  public Kubectl(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  public static boolean installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl")));
  }

  public Command.Result run(String... arguments) {
    return runWithInput("", arguments);
  }

  public Command.Result runWithInput(String stdin, String... arguments) {
    List<String> command = new ArrayList<>(List.of("kubectl"));
    command.addAll(List.of(arguments));
    // The cache of discovery documents must not outlive the cluster it describes.
    Map<String, String> env =
        Map.of(
            "KUBECONFIG",
            kubeconfig.toString(),
            "KUBECACHEDIR",
            kubeconfig.resolveSibling("kubectl-cache").toString());
    return Command.run(command, env, stdin, TIMEOUT);
  }
}
