package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator that has a Role in one namespace, on an API that enforces it. */
@ClusterTest
@LocalOnly
@Order(62)
class OneNamespaceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final String NAMESPACE = "team";
  private static final Path CONFIG = Path.of("..", "config");

  /** No pods: what the operator may make is asked, not what it becomes. */
  private static final String RESOURCE =
      """
      apiVersion: aetherflow.io/v1alpha1
      kind: AetherFlowCluster
      metadata: {name: small, namespace: %s}
      spec:
        etcd: {external: {endpoints: ["http://127.0.0.1:9"]}}
        gateway: {replicas: 0}
        session: {replicas: 0}
        stateSync: {autoscaling: {minReplicas: 1}}
        networkPolicy: {mode: Enforced}
      """;

  private final Cluster cluster;
  @TempDir private Path temp;

  OneNamespaceTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void installInTheNamespace() throws Exception {
    cluster.awaitReady();
    cluster.kubectl().run("create", "namespace", NAMESPACE).ok();
    // Two operators would write the same objects.
    scaleTheOther(0);
    cluster.kubectl().runWithInput(manifests(), "apply", "--server-side", "-f", "-").ok();
  }

  @AfterEach
  void restore() {
    cluster.kubectl().run("delete", "namespace", NAMESPACE);
    scaleTheOther(1);
    cluster.awaitReady();
  }

  @Test
  void itServesItsNamespaceAndNoOther() {
    cluster.kubectl().runWithInput(RESOURCE.formatted(NAMESPACE), "apply", "-f", "-").ok();
    cluster.kubectl().runWithInput(RESOURCE.formatted("default"), "apply", "-f", "-").ok();
    try {
      Awaitility.await()
          .atMost(TIMEOUT)
          .untilAsserted(() ->
              assertThat(objects(NAMESPACE))
                  .contains(
                      "deployment.apps/small-api-gateway",
                      "horizontalpodautoscaler.autoscaling/small-statesync-service-hpa",
                      "networkpolicy.networking.k8s.io/small-quantum-protocol-policy",
                      "secret/small-jwt-secret"));
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> conditions(NAMESPACE).contains("EtcdAvailable"));
      assertThat(conditions(NAMESPACE))
          .doesNotContain("ReconcileError")
          .doesNotContain("forbidden");
      assertThat(objects("default")).as("not its namespace").isEmpty();
      assertThat(operator().getStatus().getContainerStatuses().getFirst().getReady()).isTrue();
    } finally {
      cluster.kubectl().run("delete", "aetherflow", "small", "-n", "default").ok();
    }
  }

  private List<String> objects(String namespace) {
    return cluster
        .kubectl()
        .run(
            "get",
            "deploy,svc,cm,secret,hpa,pdb,netpol",
            "-n",
            namespace,
            "-l",
            "app.kubernetes.io/instance=small",
            "-o",
            "name")
        .ok()
        .out()
        .lines()
        .toList();
  }

  private String conditions(String namespace) {
    return cluster
        .kubectl()
        .run("get", "aetherflow", "small", "-n", namespace, "-o", "jsonpath={.status.conditions}")
        .ok()
        .out();
  }

  private Pod operator() {
    return cluster.client().pods().inNamespace(NAMESPACE).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getName().startsWith("aetherflow-operator"))
        .findFirst()
        .orElseThrow();
  }

  private void scaleTheOther(int replicas) {
    cluster
        .kubectl()
        .run(
            "scale",
            "deployment",
            "aetherflow-operator",
            "-n",
            Cluster.OPERATOR_NAMESPACE,
            "--replicas=" + replicas)
        .ok();
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(() ->
            cluster.client().pods().inNamespace(Cluster.OPERATOR_NAMESPACE).list().getItems().size()
                == replicas);
  }

  /** The overlay with the namespace in it, and on one machine each pod listens on its address. */
  private String manifests() throws Exception {
    Path copy = temp.resolve("config");
    try (Stream<Path> files = Files.walk(CONFIG)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(CONFIG.relativize(file));
        Files.createDirectories(target.getParent());
        Files.writeString(
            target,
            Files.readString(file)
                .replace("aetherflow-system", NAMESPACE)
                .replace("value: 0.0.0.0", "valueFrom: {fieldRef: {fieldPath: status.podIP}}")
                .replace("value: Any", "value: PodIP"));
      }
    }
    return Command.run(
            List.of("kubectl", "kustomize", copy.resolve("namespaced").toString()),
            Map.of(),
            "",
            TIMEOUT)
        .ok()
        .out();
  }
}
