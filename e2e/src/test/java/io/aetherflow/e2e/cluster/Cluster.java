package io.aetherflow.e2e.cluster;

import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.kube.Afc;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The cluster under test and the one AetherFlowCluster in it, {@code demo} in {@code default}.
 *
 * <p>Without {@code -Dkubeconfig=FILE} it is a local one that this run starts and stops; {@code
 * -De2e.state=DIR} keeps a local one running between runs.
 */
public final class Cluster implements AutoCloseable {
  public static final String NAMESPACE = "default";
  public static final String NAME = "demo";
  public static final String OPERATOR_NAMESPACE = "aetherflow-system";
  public static final String INSTANCE_LABEL = "app.kubernetes.io/instance";
  public static final String COMPONENT_LABEL = "app.kubernetes.io/component";
  public static final String API_GROUP_VERSION = "aetherflow.io/v1alpha1";
  public static final List<String> DATA_PLANE =
      List.of("api-gateway", "session-service", "statesync-service");

  /** Covers images pulled and processes started on a cold machine. */
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(4);

  private static final Duration RESTART_TIMEOUT = Duration.ofSeconds(60);

  private final Path kubeconfig;
  private final LocalCluster local;
  private KubernetesClient client;

  private Cluster(Path kubeconfig, LocalCluster local) {
    this.kubeconfig = kubeconfig;
    this.local = local;
    connect();
  }

  static Optional<Path> kubeconfigOption() {
    return Optional.ofNullable(System.getProperty("kubeconfig"))
        .filter(text -> !text.isBlank())
        .map(text -> Path.of(text).toAbsolutePath());
  }

  static Cluster open() {
    Optional<Path> given = kubeconfigOption();
    LocalCluster local = given.isPresent() ? null : LocalCluster.start();
    Cluster cluster =
        new Cluster(given.orElseGet(() -> local.state().resolve("kubeconfig")), local);
    try {
      cluster.awaitReady();
      return cluster;
    } catch (AssertionError e) {
      String state = Diagnostics.describe(cluster);
      cluster.close();
      throw new IllegalStateException("the cluster did not become Ready; " + state, e);
    }
  }

  /**
   * Builds the client anew from the kubeconfig, whose port changes when a local cluster restarts.
   */
  public void connect() {
    if (client != null) {
      client.close();
    }
    try {
      Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
      config.setRequestRetryBackoffLimit(0);
      client = new KubernetesClientBuilder().withConfig(config).build();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the kubeconfig " + kubeconfig, e);
    }
  }

  public KubernetesClient client() {
    return client;
  }

  public Kubectl kubectl() {
    return new Kubectl(kubeconfig);
  }

  public Afc afc() {
    return new Afc(client, NAMESPACE, NAME);
  }

  /**
   * @throws IllegalStateException on a cluster that is not local; such tests are {@link LocalOnly}
   */
  public LocalCluster local() {
    if (local == null) {
      throw new IllegalStateException("this cluster is not local; mark the test @LocalOnly");
    }
    return local;
  }

  public boolean isLocal() {
    return local != null;
  }

  /** Waits until the present generation is Ready with its tuning applied. */
  public void awaitReady() {
    afc().awaitSettled(READY_TIMEOUT);
  }

  /** Pods of a component that are not being deleted, in name order. */
  public List<Pod> pods(String component) {
    return pods(NAME, component);
  }

  /** The same of another resource on this cluster. */
  public List<Pod> pods(String instance, String component) {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel(INSTANCE_LABEL, instance)
        .withLabel(COMPONENT_LABEL, component)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .toList();
  }

  /** The first member of etcd, with the certificates of its clients. */
  public EtcdView etcd() {
    return new EtcdView(pods("etcd").getFirst().getStatus().getPodIP(), secret("etcd-certs"));
  }

  /** A Secret of the cluster, by its name without the cluster's. */
  public Secret secret(String name) {
    return client.secrets().inNamespace(NAMESPACE).withName(NAME + "-" + name).get();
  }

  /** Waits until a pod's process, seen before it was killed, has been replaced and is ready. */
  public void awaitRestarted(Pod before) {
    int restarts = restarts(before);
    client
        .resource(before)
        .waitUntilCondition(
            pod -> pod != null && restarts(pod) > restarts && ready(pod),
            RESTART_TIMEOUT.toSeconds(),
            TimeUnit.SECONDS);
  }

  private static int restarts(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .mapToInt(ContainerStatus::getRestartCount)
        .sum();
  }

  private static boolean ready(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream().allMatch(ContainerStatus::getReady);
  }

  /** Gateways, session and statesync pods; fails when there are none, lest a loop prove nothing. */
  public List<Pod> dataPlanePods() {
    List<Pod> pods = DATA_PLANE.stream().flatMap(component -> pods(component).stream()).toList();
    if (pods.isEmpty()) {
      throw new AssertionError("no data-plane pod of " + NAME + " in namespace " + NAMESPACE);
    }
    return pods;
  }

  public Pod operatorPod() {
    return client.pods().inNamespace(OPERATOR_NAMESPACE).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getName().startsWith("aetherflow-operator"))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no operator pod in " + OPERATOR_NAMESPACE));
  }

  @Override
  public void close() {
    client.close();
    if (local != null) {
      local.stop();
    }
  }
}
