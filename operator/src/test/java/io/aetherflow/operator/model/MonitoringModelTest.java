package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitoringModelTest {
  private static final String STANDALONE = "{monitoring: {mode: Standalone}}";

  @Test
  void nothingWatchesUnlessAsked() throws IOException {
    assertThat(added("{}", false)).isEmpty();
    assertThat(added("{monitoring: {mode: Disabled}}", true)).isEmpty();
  }

  @Test
  void standaloneIsAPrometheusAnAlertmanagerAndAGrafana() throws IOException {
    assertThat(added(STANDALONE, false))
        .containsExactlyInAnyOrder(
            "ServiceAccount/demo-prometheus",
            "Role/demo-prometheus",
            "RoleBinding/demo-prometheus",
            "ConfigMap/demo-prometheus-config",
            "Service/demo-prometheus-svc",
            "Deployment/demo-prometheus",
            "ConfigMap/demo-alertmanager-config",
            "Service/demo-alertmanager-svc",
            "Deployment/demo-alertmanager",
            "ConfigMap/demo-grafana-dashboards",
            "ConfigMap/demo-grafana-provisioning",
            "Service/demo-grafana-svc",
            "Deployment/demo-grafana");
  }

  @Test
  void autoPrefersThePrometheusThatRunsAlready() throws IOException {
    String auto = "{monitoring: {mode: Auto}}";
    assertThat(added(auto, false)).isEqualTo(added(STANDALONE, false));
    assertThat(added(auto, true))
        .containsExactlyInAnyOrder(
            "Service/demo-metrics",
            "ServiceMonitor/demo-metrics",
            "Service/demo-etcd-metrics",
            "ServiceMonitor/demo-etcd-metrics",
            "PrometheusRule/demo-rules",
            "ConfigMap/demo-grafana-dashboards");
    assertThat(added("{monitoring: {mode: PrometheusOperator}}", true))
        .isEqualTo(added(auto, true));
    assertThat(added("{monitoring: {mode: PrometheusOperator}}", false)).isEmpty();
  }

  @Test
  void whatIsNotWantedIsLeftOut() throws IOException {
    String spec =
        "{monitoring: {mode: Standalone, alertmanager: {enabled: false}, grafana: {enabled: false}}}";
    assertThat(added(spec, false)).noneMatch(name -> name.matches(".*(grafana|alertmanager).*"));
    assertThat(config(spec)).doesNotContain("alertmanagers:");
  }

  /** Debian builds its package without Kubernetes discovery, so here files stand in for it. */
  @Test
  void prometheusAcceptsItsConfigurationAndRules(@TempDir Path dir) throws Exception {
    Map<String, String> files =
        one(desired(STANDALONE, false), ConfigMap.class, "demo-prometheus-config").getData();
    assertThat(files).containsKey("quantum.rules.yaml").hasSize(5);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(dir.resolve(file.getKey()), file.getValue());
    }
    ObjectNode config = (ObjectNode) new YAMLMapper().readTree(files.get("prometheus.yml"));
    ObjectNode pods = (ObjectNode) config.at("/scrape_configs/0");
    assertThat(pods.remove("kubernetes_sd_configs"))
        .isEqualTo(new YAMLMapper().readTree("[{role: pod, namespaces: {names: [default]}}]"));
    pods.withArray("file_sd_configs").addObject().putArray("files").add("pods.json");
    Files.writeString(dir.resolve("prometheus.yml"), new YAMLMapper().writeValueAsString(config));

    Process promtool =
        new ProcessBuilder("promtool", "check", "config", dir.resolve("prometheus.yml").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(promtool.getInputStream().readAllBytes());

    assertThat(promtool.waitFor()).as(output).isZero();
    assertThat(output).contains("4 rule files found");
  }

  @Test
  void everyPodPassesTheRestrictedStandard() throws IOException {
    List<PodSpec> pods =
        all(desired(STANDALONE, false), Deployment.class).stream()
            .map(each -> each.getSpec().getTemplate().getSpec())
            .toList();
    assertThat(pods)
        .hasSize(6)
        .allSatisfy(pod -> {
          assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
          assertThat(pod.getSecurityContext().getSeccompProfile().getType())
              .isEqualTo("RuntimeDefault");
          assertThat(pod.getContainers())
              .allSatisfy(container -> {
                assertThat(container.getImage()).matches(".+:v?[0-9]+[.][0-9]+[.][0-9]+");
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
                assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
                assertThat(container.getResources().getLimits()).containsKey("memory");
                assertThat(container.getReadinessProbe()).isNotNull();
              });
        });
  }

  @Test
  void onlyPrometheusHoldsATokenAndItOnlyReadsPods() throws IOException {
    DesiredCluster desired = desired(STANDALONE, false);
    assertThat(all(desired, Deployment.class))
        .filteredOn(
            each -> each.getSpec().getTemplate().getSpec().getAutomountServiceAccountToken())
        .extracting(each -> each.getMetadata().getName())
        .containsExactly("demo-prometheus");
    assertThat(one(desired, Role.class, "demo-prometheus").getRules())
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.getResources()).containsExactly("pods");
          assertThat(rule.getVerbs()).containsExactly("get", "list", "watch");
        });
  }

  @Test
  void aChangedConfigurationReplacesThePodAndNothingElseDoes() throws IOException {
    assertThat(podAnnotations(STANDALONE)).isEqualTo(podAnnotations(STANDALONE));
    assertThat(
            podAnnotations(
                "{monitoring: {mode: Standalone, prometheus: {scrapeIntervalSeconds: 5}}}"))
        .isNotEqualTo(podAnnotations(STANDALONE));
  }

  @Test
  void dataStaysInAVolumeWhereOneIsGiven() throws IOException {
    String spec =
        "{monitoring: {mode: Standalone, prometheus: {storage: {size: 20Gi, storageClassName: ssd}}}}";
    PersistentVolumeClaim claim =
        one(desired(spec, false), PersistentVolumeClaim.class, "demo-prometheus-data");
    assertThat(claim.getSpec().getStorageClassName()).isEqualTo("ssd");
    assertThat(
            one(desired(spec, false), Deployment.class, "demo-prometheus")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getVolumes())
        .anySatisfy(volume ->
            assertThat(volume.getPersistentVolumeClaim())
                .isNotNull()
                .returns("demo-prometheus-data", source -> source.getClaimName()));
    assertThat(all(desired(STANDALONE, false), PersistentVolumeClaim.class)).isEmpty();
  }

  @Test
  void peopleReachGrafanaAndPodsTheOthers() throws IOException {
    DesiredCluster desired =
        desired("{networkPolicy: {mode: Enforced}, monitoring: {mode: Standalone}}", false);
    assertThat(
            one(desired, NetworkPolicy.class, "demo-grafana")
                .getSpec()
                .getIngress()
                .getFirst()
                .getFrom())
        .isNullOrEmpty();
    assertThat(
            one(desired, NetworkPolicy.class, "demo-prometheus")
                .getSpec()
                .getIngress()
                .getFirst()
                .getFrom())
        .hasSize(1);
    assertThat(one(desired, Service.class, "demo-grafana-svc").getSpec().getType())
        .isEqualTo("LoadBalancer");
  }

  @Test
  void monitorsSelectTheServicesMadeForThem() throws IOException {
    DesiredCluster desired = desired("{monitoring: {mode: Auto}}", true);
    for (String name : List.of("demo-metrics", "demo-etcd-metrics")) {
      GenericKubernetesResource monitor =
          all(desired, GenericKubernetesResource.class).stream()
              .filter(each -> each.getMetadata().getName().equals(name))
              .findFirst()
              .orElseThrow();
      Map<String, String> selected = monitor.get("spec", "selector", "matchLabels");
      assertThat(one(desired, Service.class, name).getMetadata().getLabels())
          .containsAllEntriesOf(selected);
    }
  }

  @Test
  void grafanasPasswordIsRandomAndTheUsersOwnIsLeftAlone() throws IOException {
    byte[] random = new byte[GrafanaAdminModel.RANDOM_BYTES];
    random[0] = 7;
    Secret secret = GrafanaAdminModel.of(new Names("demo", "default"), random);
    assertThat(secret.getMetadata().getName()).isEqualTo("demo-grafana-admin");
    assertThat(new String(Base64.getDecoder().decode(secret.getData().get("admin-password"))))
        .hasSize(32)
        .startsWith("Bw");
    assertThat(desired(STANDALONE, false).spec().monitoring().makesGrafanaSecret()).isTrue();
    assertThat(
            desired("{monitoring: {mode: Standalone, grafana: {adminSecret: own}}}", false)
                .spec()
                .monitoring()
                .makesGrafanaSecret())
        .isFalse();
  }

  @Test
  void theOperatorIsReadWhereItRuns() throws IOException {
    assertThat(config(STANDALONE)).contains("aetherflow-operator-metrics.operators.svc:9464");
  }

  private static String config(String spec) throws IOException {
    return one(desired(spec, false), ConfigMap.class, "demo-prometheus-config")
        .getData()
        .get("prometheus.yml");
  }

  private static Map<String, String> podAnnotations(String spec) throws IOException {
    return one(desired(spec, false), Deployment.class, "demo-prometheus")
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations();
  }

  /** What the spec adds to a cluster that nobody watches. */
  private static Set<String> added(String spec, boolean prometheusOperator) throws IOException {
    Set<String> names = names(desired(spec, prometheusOperator));
    names.removeAll(names(desired("{}", false)));
    return names;
  }

  private static Set<String> names(DesiredCluster desired) {
    return desired.objects().stream()
        .map(object -> object.getKind() + "/" + object.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private static <T extends HasMetadata> List<T> all(DesiredCluster desired, Class<T> type) {
    return desired.objects().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static <T extends HasMetadata> T one(DesiredCluster desired, Class<T> type, String name) {
    return all(desired, type).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static DesiredCluster desired(String spec, boolean prometheusOperator)
      throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(
                "{metadata: {name: demo, namespace: default}, spec: " + spec + "}",
                AetherFlowCluster.class);
    return DesiredCluster.of(cluster, new Platform(Listen.ANY, "operators", prometheusOperator));
  }
}
