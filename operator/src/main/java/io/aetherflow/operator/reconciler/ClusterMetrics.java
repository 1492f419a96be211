package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.crds.EtcdStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What the operator knows of each cluster, as metrics with the labels {@code namespace} and {@code
 * aetherflow_cluster}. They end with the cluster. Thread-safe; one cluster is told by one thread at
 * a time.
 */
final class ClusterMetrics {
  private final MeterRegistry registry;
  private final Clock clock;
  private final Map<ResourceID, Cluster> clusters = new ConcurrentHashMap<>();

  ClusterMetrics(MeterRegistry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  void onReconciled(ResourceID id, EtcdFacts etcd, List<Pod> pods, AetherFlowClusterStatus status) {
    Cluster cluster = clusters.computeIfAbsent(id, Cluster::new);
    cluster.onStatus(status);
    cluster.onEtcd(etcd);
    cluster.onPods(pods);
  }

  void onGatewayTls(ResourceID id, HeldGatewayTls tls) {
    clusters.computeIfAbsent(id, Cluster::new).onGatewayTls(tls);
  }

  /** Snapshots have metrics only where they are to be taken. */
  void onBackup(ResourceID id, BackupHealth backup) {
    clusters.computeIfAbsent(id, Cluster::new).onBackup(backup);
  }

  void forget(ResourceID id) {
    Cluster gone = clusters.remove(id);
    if (gone != null) {
      gone.forget();
    }
  }

  private final class Cluster {
    private final List<Meter> meters = new ArrayList<>();
    private final Tags tags;
    private final Map<String, Restarts> restarts = new HashMap<>();
    private volatile double ready;
    private volatile double etcdHealthy;
    private volatile double etcdNoSpace;
    private volatile double appliedPods;
    private volatile double tunedPods;
    private volatile double leaderChanges;
    private Optional<SnapshotMeters> snapshots = Optional.empty();
    private volatile double certificateEnd = Double.NaN;
    private volatile double gatewayCertificateEnd = Double.NaN;
    private String leader = "";

    Cluster(ResourceID id) {
      tags = Tags.of("namespace", id.getNamespace().orElse(""), "aetherflow_cluster", id.getName());
      gauge("aetherflow.cluster.ready", "Whether the condition Ready is True", each -> each.ready);
      gauge(
          "aetherflow.tuning.pods.applied",
          "Live pods that have confirmed the current tuning",
          each -> each.appliedPods);
      gauge("aetherflow.tuning.pods", "Live pods that confirm tuning", each -> each.tunedPods);
      gauge(
          "etcd.cluster.health",
          "Whether the operator can read and write etcd",
          each -> each.etcdHealthy);
      gauge("etcd.no.space", "Whether etcd has raised the alarm NOSPACE", each -> each.etcdNoSpace);
      time(
          "etcd.certificate.not.after",
          "When the first of etcd's certificates ends, in Unix time",
          each -> each.certificateEnd);
      time(
          "gateway.certificate.not.after",
          "When the gateways' certificate ends, in Unix time",
          each -> each.gatewayCertificateEnd);
      meters.add(
          FunctionCounter.builder("etcd.leader.changes", this, each -> each.leaderChanges)
              .description("Changes of the leader, as the operator saw them")
              .tags(tags)
              .register(registry));
    }

    private void gauge(String name, String what, ToDoubleFunction<Cluster> value) {
      meters.add(Gauge.builder(name, this, value).description(what).tags(tags).register(registry));
    }

    private void time(String name, String what, ToDoubleFunction<Cluster> value) {
      meters.add(
          Gauge.builder(name, this, value)
              .description(what)
              .baseUnit("seconds")
              .tags(tags)
              .register(registry));
    }

    void onGatewayTls(HeldGatewayTls tls) {
      gatewayCertificateEnd =
          tls.end().map(end -> (double) end.getEpochSecond()).orElse(Double.NaN);
    }

    void onStatus(AetherFlowClusterStatus status) {
      ready = isTrue(status, StatusModel.READY) ? 1 : 0;
      if (status.tuning() != null) {
        appliedPods = orZero(status.tuning().appliedPods());
        tunedPods = orZero(status.tuning().totalPods());
      }
      certificateEnd =
          Optional.ofNullable(status.etcd())
              .map(EtcdStatus::certificateNotAfter)
              .map(end -> (double) Instant.parse(end).getEpochSecond())
              .orElse(Double.NaN);
    }

    void onEtcd(EtcdFacts facts) {
      etcdHealthy = facts.available() ? 1 : 0;
      etcdNoSpace = facts.upkeep().noSpace() ? 1 : 0;
      Optional<String> now =
          facts.members().stream().filter(MemberHealth::leader).map(MemberHealth::id).findFirst();
      if (now.isPresent() && !now.get().equals(leader)) {
        // The leader met first has changed nothing.
        leaderChanges = leader.isEmpty() ? 0 : leaderChanges + 1;
        leader = now.get();
      }
    }

    void onBackup(BackupHealth backup) {
      if (backup.plan().isEmpty()) {
        snapshots.ifPresent(gone -> gone.meters.forEach(registry::remove));
        snapshots = Optional.empty();
        return;
      }
      if (snapshots.isEmpty()) {
        snapshots = Optional.of(new SnapshotMeters(registry, clock, tags));
      }
      snapshots.get().onBackup(backup);
    }

    void forget() {
      meters.forEach(registry::remove);
      snapshots.ifPresent(gone -> gone.meters.forEach(registry::remove));
    }

    void onPods(List<Pod> pods) {
      for (Pod pod : pods) {
        String component = pod.getMetadata().getLabels().get(Labels.COMPONENT);
        if (component != null && pod.getStatus() != null) {
          restarts.computeIfAbsent(component, this::restarts).onPod(pod);
        }
      }
      restarts.values().forEach(each -> each.keepOnly(pods));
    }

    private Restarts restarts(String component) {
      Restarts counter = new Restarts();
      meters.add(
          FunctionCounter.builder("kubernetes.pod.restarts", counter, each -> each.total)
              .description("Restarts of containers, those of deleted pods included")
              .tags(tags.and("component", component))
              .register(registry));
      return counter;
    }
  }

  /** Restarts of a component's containers; those of a deleted pod stay counted. */
  private static final class Restarts {
    private final Map<String, Integer> seen = new HashMap<>();
    private volatile double total;

    void onPod(Pod pod) {
      int count = 0;
      for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
        count += (int) orZero(container.getRestartCount());
      }
      Integer before = seen.put(pod.getMetadata().getUid(), count);
      total += Math.max(count - (before == null ? 0 : before), 0);
    }

    void keepOnly(List<Pod> pods) {
      seen.keySet()
          .removeIf(uid -> pods.stream().noneMatch(pod -> uid.equals(pod.getMetadata().getUid())));
    }
  }

  private static boolean isTrue(AetherFlowClusterStatus status, String type) {
    return status.conditions() != null
        && status.conditions().stream()
            .filter(condition -> condition.getType().equals(type))
            .map(Condition::getStatus)
            .anyMatch("True"::equals);
  }

  private static double orZero(Integer value) {
    return value == null ? 0 : value;
  }
}
