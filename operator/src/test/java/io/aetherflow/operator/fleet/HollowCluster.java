package io.aetherflow.operator.fleet;

import io.aetherflow.local.controllers.Controllers;
import io.aetherflow.local.install.Installer;
import io.aetherflow.local.server.ApiServer;
import io.aetherflow.local.server.ApiServerOptions;
import io.aetherflow.local.server.Audit;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The local Kubernetes API over HTTPS with its controllers, with what {@code config/default}
 * installs, and hollow pods. The operator runs beside it, under its own identity and rights.
 */
final class HollowCluster implements AutoCloseable {
  private static final String OPERATOR =
      "system:serviceaccount:" + OperatorProcess.NAMESPACE + ":" + OperatorProcess.ACCOUNT;

  private final List<Audit.Write> writes = new CopyOnWriteArrayList<>();
  private final Path directory;
  private final ApiServer api;
  private final Gate gate;
  private final Controllers controllers;
  private final HollowNode node;
  private final KubernetesClient client;
  private boolean ended;

  HollowCluster(Path directory) throws IOException {
    this.directory = directory;
    this.api =
        ApiServer.start(ApiServerOptions.of(directory.resolve("api"), 0).withAudit(this::onWrite));
    this.gate = new Gate(api.objects().resources().db());
    new Installer(api.objects().resources()).install(Path.of("../config/default"));
    this.controllers =
        Controllers.start(api.objects(), directory.resolve("volumes"), Clock.systemUTC());
    this.node = new HollowNode(api.objects());
    Config config = Config.fromKubeconfig(Files.readString(api.kubeconfig()));
    this.client = new KubernetesClientBuilder().withConfig(config).build();
  }

  private void onWrite(Audit.Write write) {
    if (write.user().equals(OPERATOR)) {
      writes.add(write);
    }
  }

  /**
   * @param heap of its JVM, for {@code -Xmx}
   */
  OperatorProcess startOperator(String heap) throws IOException {
    return start("operator", heap, Map.of("LEADER_ELECTION", "false"));
  }

  /**
   * One of several, of which one works.
   *
   * @param pod its name
   */
  OperatorProcess startElected(String pod) throws IOException {
    return start(pod, "128m", Map.of("LEADER_ELECTION", "true", "POD_NAME", pod));
  }

  private OperatorProcess start(String name, String heap, Map<String, String> environment)
      throws IOException {
    Path kubeconfig = directory.resolve(name + ".kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(api.kubeconfig())
            .replace(
                api.tokens().admin(),
                api.tokens().issue(OperatorProcess.NAMESPACE, OperatorProcess.ACCOUNT)));
    return OperatorProcess.start(kubeconfig, directory.resolve(name + ".log"), heap, environment);
  }

  /** The administrator's. */
  KubernetesClient client() {
    return client;
  }

  Objects objects() {
    return api.objects();
  }

  /** Every request is refused from now on. */
  void endApi() throws IOException {
    ended = true;
    api.close();
  }

  Gate gate() {
    return gate;
  }

  /** Every request of the operator to change something, as the API answered it. */
  List<Audit.Write> operatorsWrites() {
    return writes;
  }

  @Override
  public void close() throws IOException {
    client.close();
    node.close();
    controllers.close();
    gate.close();
    if (!ended) {
      api.close();
    }
  }
}
