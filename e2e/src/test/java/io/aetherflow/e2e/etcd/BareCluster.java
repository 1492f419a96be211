package io.aetherflow.e2e.etcd;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.kube.Afc;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A resource of its own beside the one under test: three members of etcd, and nothing else runs.
 */
public final class BareCluster {
  public static final int MEMBERS = 3;
  public static final Duration TIMEOUT = Duration.ofSeconds(120);

  private static final String KEY = "/e2e/bare";
  private static final String RESOURCE =
      """
      apiVersion: aetherflow.io/v1alpha1
      kind: AetherFlowCluster
      metadata: {name: %s}
      spec:
        profile: Development
        etcd: {replicas: %d}
        gateway: {replicas: 0}
        session: {replicas: 0}
        stateSync: {replicas: 0}
      """;

  private final Cluster cluster;
  private final String name;

  public BareCluster(Cluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
  }

  /** Returns when it has all its members. */
  public void create() {
    cluster.kubectl().runWithInput(RESOURCE.formatted(name, MEMBERS), "apply", "-f", "-").ok();
    awaitMembers();
  }

  public void awaitMembers() {
    afc()
        .await(
            "a cluster with all its members",
            TIMEOUT,
            state ->
                state.condition("EtcdAvailable").isTrue()
                    && state.display("etcd").equals(MEMBERS + "/" + MEMBERS));
  }

  public Afc afc() {
    return new Afc(cluster.client(), Cluster.NAMESPACE, name);
  }

  /** Deletes the resource; by default its claims stay. */
  public void delete() {
    cluster.kubectl().run("delete", "aetherflow", name, "--ignore-not-found").ok();
  }

  /** Deletes the resource alone. */
  public void orphan() {
    cluster.kubectl().run("delete", "aetherflow", name, "--cascade=orphan").ok();
  }

  public void awaitNoPod() {
    Awaitility.await("no pod of " + name)
        .atMost(TIMEOUT)
        .until(() ->
            cluster
                .client()
                .pods()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel(Cluster.INSTANCE_LABEL, name)
                .list()
                .getItems()
                .isEmpty());
  }

  /** Leaves nothing of it, its data included. */
  public void remove() {
    delete();
    awaitNoPod();
    cluster.kubectl().run("delete", "pvc", "-l", Cluster.INSTANCE_LABEL + "=" + name).ok();
  }

  /** Stores what {@link #value} finds. */
  public void put(String value) {
    try (EtcdView etcd = etcd()) {
      etcd.put(KEY, value);
    }
  }

  /** What was stored last; empty when nothing was, or it is lost. */
  public String value() {
    try (EtcdView etcd = etcd()) {
      return etcd.list(KEY).stream().map(EtcdView.Entry::value).findFirst().orElse("");
    }
  }

  private EtcdView etcd() {
    return new EtcdView(
        members().getFirst().getStatus().getPodIP(),
        cluster
            .client()
            .secrets()
            .inNamespace(Cluster.NAMESPACE)
            .withName(name + "-etcd-certs")
            .get());
  }

  /** Pods that are not being deleted, in name order. */
  public List<Pod> members() {
    return cluster.pods(name, "etcd");
  }

  public List<PersistentVolumeClaim> claims() {
    return cluster
        .client()
        .persistentVolumeClaims()
        .inNamespace(Cluster.NAMESPACE)
        .withLabel(Cluster.INSTANCE_LABEL, name)
        .list()
        .getItems();
  }

  public static Set<String> uids(List<? extends HasMetadata> objects) {
    return objects.stream().map(each -> each.getMetadata().getUid()).collect(Collectors.toSet());
  }
}
