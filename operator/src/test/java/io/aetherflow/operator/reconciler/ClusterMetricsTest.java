package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.crds.EtcdStatus;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.EtcdFacts.Stored;
import io.aetherflow.operator.etcd.Upkeep;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterMetricsTest {
  private static final ResourceID DEMO = new ResourceID("demo", "shop");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ClusterMetrics metrics = new ClusterMetrics(registry, Clock.systemUTC());

  @Test
  void aHealthyEtcdIsOneAndEachNewLeaderCountsOnce() {
    reconciled(etcd("a"), List.of());
    reconciled(etcd("a"), List.of());
    assertThat(line("etcd_cluster_health")).isEqualTo(1);
    assertThat(line("etcd_leader_changes_total")).isZero();

    reconciled(etcd("b"), List.of());
    reconciled(EtcdFacts.UNKNOWN, List.of());
    reconciled(etcd("b"), List.of());
    assertThat(line("etcd_leader_changes_total")).isEqualTo(1);

    reconciled(EtcdFacts.UNKNOWN, List.of());
    assertThat(line("etcd_cluster_health")).isZero();
  }

  @Test
  void restartsOfDeletedPodsStayCounted() {
    reconciled(etcd("a"), List.of(pod("one", 1), pod("two", 2)));
    reconciled(etcd("a"), List.of(pod("one", 4)));
    reconciled(etcd("a"), List.of(pod("three", 0)));

    assertThat(line("kubernetes_pod_restarts_total")).isEqualTo(6);
  }

  @Test
  void theEndOfTheFirstCertificateIsATime() {
    reconciled(etcd("a"), List.of());
    assertThat(line("etcd_certificate_not_after_seconds")).isNaN();

    EtcdStatus etcd =
        new EtcdStatus(
            3, 3, "a", List.of(), null, null, "2026-04-01T00:00:00Z", "2036-01-01T00:00:00Z");
    metrics.onReconciled(
        DEMO,
        etcd("a"),
        List.of(),
        new AetherFlowClusterStatus(1L, List.of(), null, etcd, List.of(), null, null));
    assertThat(line("etcd_certificate_not_after_seconds"))
        .isEqualTo(Instant.parse("2026-04-01T00:00:00Z").getEpochSecond());
  }

  @Test
  void theEndOfTheGatewaysCertificateIsATimeWhereThereIsOne() {
    metrics.onGatewayTls(DEMO, HeldGatewayTls.NONE);
    assertThat(line("gateway_certificate_not_after_seconds")).isNaN();

    Instant end = Instant.parse("2026-04-01T00:00:00Z");
    metrics.onGatewayTls(
        DEMO,
        new HeldGatewayTls(Verdict.yes("Given", ""), true, Optional.of(end), Optional.empty()));
    assertThat(line("gateway_certificate_not_after_seconds")).isEqualTo(end.getEpochSecond());
  }

  @Test
  void anEtcdThatTakesNoWritesIsTold() {
    reconciled(etcd("a"), List.of());
    assertThat(line("etcd_no_space")).isZero();

    EtcdFacts well = etcd("a");
    reconciled(
        new EtcdFacts(
            well.members(),
            well.store(),
            well.problem(),
            well.roster(),
            well.refusal(),
            well.done(),
            well.backup(),
            new Upkeep(true, "the quota is reached")),
        List.of());
    assertThat(line("etcd_no_space")).isEqualTo(1);
  }

  @Test
  void aDeletedClusterLeavesNothing() {
    reconciled(etcd("a"), List.of(pod("one", 1)));
    metrics.forget(DEMO);

    assertThat(registry.scrape()).doesNotContain("demo");
  }

  private void reconciled(EtcdFacts etcd, List<Pod> pods) {
    AetherFlowClusterStatus status =
        StatusModel.failed(new AetherFlowCluster(), new IllegalStateException(), Instant.EPOCH);
    metrics.onReconciled(DEMO, etcd, pods, status);
  }

  private double line(String name) {
    return registry
        .scrape()
        .lines()
        .filter(each -> each.startsWith(name + "{"))
        .filter(each -> each.contains("namespace=\"shop\""))
        .mapToDouble(each -> Double.parseDouble(each.substring(each.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  private static EtcdFacts etcd(String leader) {
    return new EtcdFacts(
        List.of(
            new MemberHealth("etcd-0", "a", true, leader.equals("a"), ""),
            new MemberHealth("etcd-1", "b", true, leader.equals("b"), "")),
        Optional.of(new Stored(1, Map.of(), Map.of())),
        Optional.empty());
  }

  private static Pod pod(String uid, int restarts) {
    return new PodBuilder()
        .withNewMetadata()
        .withUid(uid)
        .addToLabels(Labels.COMPONENT, "api-gateway")
        .endMetadata()
        .withNewStatus()
        .addNewContainerStatus()
        .withRestartCount(restarts)
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
