package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DesiredClusterTest {

  @Test
  void anEmptySpecIsAWholeProductionCluster() throws IOException {
    DesiredCluster desired = desired("{}");
    assertThat(desired.objects())
        .extracting(object -> object.getKind() + "/" + object.getMetadata().getName())
        .containsExactly(
            "ConfigMap/demo-quantum-config",
            "ConfigMap/demo-etcd-bootstrap",
            "Service/demo-etcd-headless",
            "Service/demo-etcd-svc",
            "StatefulSet/demo-etcd",
            "PodDisruptionBudget/demo-etcd",
            "Service/demo-api-gateway-svc",
            "Deployment/demo-api-gateway",
            "PodDisruptionBudget/demo-api-gateway",
            "Service/demo-session-service-svc",
            "Deployment/demo-session-service",
            "PodDisruptionBudget/demo-session-service",
            "Service/demo-statesync-service-svc",
            "Deployment/demo-statesync-service",
            "PodDisruptionBudget/demo-statesync-service");
    assertThat(all(desired, Deployment.class))
        .allSatisfy(deployment -> assertThat(deployment.getSpec().getReplicas()).isEqualTo(3));
    assertThat(desired.spec().tuning()).isEqualTo(Tuning.DEFAULT);
    assertThat(desired.spec().tunedReplicas()).isEqualTo(9);
  }

  @Test
  void theDevelopmentProfileIsSixPods() throws IOException {
    assertThat(desired("{profile: Development}").spec().tunedReplicas()).isEqualTo(6);
  }

  @Test
  void quantumConfigHoldsWhatAPodNeedsBeforeEtcdAnswers() throws IOException {
    ConfigMap config =
        one(
            desired("{quantum: {fec: {ratioPercent: 50}}, logLevel: Debug}"),
            ConfigMap.class,
            "demo-quantum-config");
    assertThat(config.getData())
        .containsEntry("quantum.fec-ratio", "0.5")
        .containsEntry("quantum.max-cwnd", "65536")
        .containsEntry("logging.level", "debug")
        .containsEntry("etcd-prefix", "")
        .containsEntry(
            "etcd-endpoints",
            "https://demo-etcd-0.demo-etcd-headless.default.svc:2379,"
                + "https://demo-etcd-1.demo-etcd-headless.default.svc:2379,"
                + "https://demo-etcd-2.demo-etcd-headless.default.svc:2379,"
                + "https://demo-etcd-3.demo-etcd-headless.default.svc:2379,"
                + "https://demo-etcd-4.demo-etcd-headless.default.svc:2379");
  }

  @Test
  void aChangeOfMembersEditsNoPodTemplate() throws IOException {
    EffectiveSpec spec = desired("{}").spec();
    DesiredCluster three =
        DesiredCluster.of(
            spec,
            new Platform(Listen.ANY, "aetherflow-system", false),
            new EtcdShape(3, Bootstrap.closed()));
    Bootstrap joining =
        Bootstrap.admitting("demo-etcd-3", "http://d3:2380", List.of("http://d0:2380"));
    DesiredCluster four =
        DesiredCluster.of(
            spec, new Platform(Listen.ANY, "aetherflow-system", false), new EtcdShape(4, joining));

    assertThat(templates(four)).isEqualTo(templates(three));
    assertThat(one(four, StatefulSet.class, "demo-etcd").getSpec().getReplicas()).isEqualTo(4);
    assertThat(one(four, ConfigMap.class, "demo-etcd-bootstrap").getData())
        .containsEntry("initial-cluster", "demo-etcd-3=http://d3:2380,peer1=http://d0:2380")
        .containsEntry("initial-cluster-state", "existing");
    assertThat(joining.isFormed()).isTrue();
    assertThat(Bootstrap.forming(spec.names(), 3).size()).isEqualTo(3);
  }

  @Test
  void membersStartWithoutAShellAndWithoutAFile() throws IOException {
    DesiredCluster desired = desired("{profile: Development}");
    StatefulSet set = one(desired, StatefulSet.class, "demo-etcd");
    Container etcd = set.getSpec().getTemplate().getSpec().getContainers().getFirst();
    assertThat(etcd.getCommand()).containsExactly("etcd");
    assertThat(etcd.getArgs())
        .contains(
            "--name=$(POD_NAME)",
            "--listen-client-urls=https://$(LISTEN_ADDRESS):2379",
            "--initial-advertise-peer-urls="
                + "https://$(POD_NAME).demo-etcd-headless.default.svc:2380");
    assertThat(etcd.getEnv()).contains(new EnvVar("ETCD_SNAPSHOT_COUNT", "1000", null));
    assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
    assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
        .isEqualTo("Retain");
    assertThat(one(desired, ConfigMap.class, "demo-etcd-bootstrap").getData())
        .containsEntry(
            "initial-cluster",
            "demo-etcd-0=https://demo-etcd-0.demo-etcd-headless.default.svc:2380,"
                + "demo-etcd-1=https://demo-etcd-1.demo-etcd-headless.default.svc:2380,"
                + "demo-etcd-2=https://demo-etcd-2.demo-etcd-headless.default.svc:2380");
    assertThat(one(desired, Service.class, "demo-etcd-headless").getSpec())
        .satisfies(spec -> {
          assertThat(spec.getClusterIP()).isEqualTo("None");
          assertThat(spec.getPublishNotReadyAddresses()).isTrue();
        });
  }

  @Test
  void aRetuneChangesNoPodTemplate() throws IOException {
    DesiredCluster before = desired("{}");
    DesiredCluster after =
        desired(
            "{logLevel: Debug, quantum: {fec: {mode: Disabled}, congestion: {maxCwndPackets: 64}}}");
    assertThat(templates(after)).isEqualTo(templates(before));
  }

  @Test
  void theToolThatRestoresIsTheOneThatTheImageHas() {
    assertThat(EtcdRestoreModel.tool("registry.local:5000/etcd:v3.4.23")).isEqualTo("etcdctl");
    assertThat(EtcdRestoreModel.tool("quay.io/coreos/etcd:3.5")).isEqualTo("etcdctl");
    assertThat(EtcdRestoreModel.tool("quay.io/coreos/etcd:v3.6.1")).isEqualTo("etcdutl");
    assertThat(EtcdRestoreModel.tool("etcd@sha256:0")).isEqualTo("etcdutl");
  }

  @Test
  void externalEtcdMakesNoMembersAndPrefixesEveryKey() throws IOException {
    DesiredCluster desired =
        desired(
            "{etcd: {external: {endpoints: ['http://a:2379', 'http://b:2379'],"
                + " prefix: /clusters/demo}}}");
    assertThat(all(desired, StatefulSet.class)).isEmpty();
    assertThat(one(desired, ConfigMap.class, "demo-quantum-config").getData())
        .containsEntry("etcd-endpoints", "http://a:2379,http://b:2379")
        .containsEntry("etcd-prefix", "/clusters/demo");
  }

  @Test
  void theAutoscalerOwnsTheNumberOfReplicas() throws IOException {
    DesiredCluster desired = desired("{session: {autoscaling: {minReplicas: 4, maxReplicas: 9}}}");
    assertThat(one(desired, Deployment.class, "demo-session-service").getSpec().getReplicas())
        .isNull();
    assertThat(all(desired, HorizontalPodAutoscaler.class))
        .singleElement()
        .satisfies(hpa -> {
          assertThat(hpa.getSpec().getMinReplicas()).isEqualTo(4);
          assertThat(hpa.getSpec().getMaxReplicas()).isEqualTo(9);
        });
  }

  @Test
  void sessionsAreAMetricWhereTheyAreWanted() throws IOException {
    DesiredCluster desired =
        desired(
            "{session: {autoscaling: {maxReplicas: 9, targetSessionsPerPod: 1500}},"
                + " gateway: {autoscaling: {maxReplicas: 9, targetSessionsPerPod: 2000}},"
                + " stateSync: {autoscaling: {maxReplicas: 9}}}");
    assertThat(metrics(desired, "demo-session-service-hpa"))
        .containsExactly("cpu", "session_active_sessions 1500");
    assertThat(metrics(desired, "demo-api-gateway-hpa"))
        .as("2000 as the API server writes it")
        .containsExactly("cpu", "app_active_sessions 2k");
    assertThat(metrics(desired, "demo-statesync-service-hpa")).containsExactly("cpu");
  }

  private static List<String> metrics(DesiredCluster desired, String autoscaler) {
    return one(desired, HorizontalPodAutoscaler.class, autoscaler).getSpec().getMetrics().stream()
        .map(metric ->
            metric.getPods() == null
                ? metric.getResource().getName()
                : metric.getPods().getMetric().getName()
                    + " "
                    + metric.getPods().getTarget().getAverageValue())
        .toList();
  }

  @Test
  void noBudgetBlocksTheDrainOfASinglePod() throws IOException {
    assertThat(
            all(
                desired("{gateway: {replicas: 1}, etcd: {replicas: 1}}"),
                PodDisruptionBudget.class))
        .extracting(budget -> budget.getMetadata().getName())
        .containsExactly("demo-session-service", "demo-statesync-service");
  }

  @Test
  void ownMicroservicesJoinDiscoveryAndOnlyCountWhenTheySaySo() throws IOException {
    DesiredCluster desired =
        desired(
            "{profile: Development, services: [{name: thumbs, image: 'r/t:1', port: 9095},"
                + " {name: tuned, image: 'r/u:1', port: 9096, tuning: true, replicas: 1}]}");
    assertThat(desired.spec().tunedReplicas()).isEqualTo(7);
    Container container =
        one(desired, Deployment.class, "demo-thumbs")
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    assertThat(container.getImage()).isEqualTo("r/t:1");
    assertThat(container.getEnv())
        .filteredOn(env -> env.getName().equals("AETHERFLOW_SERVICE"))
        .extracting(EnvVar::getValue)
        .containsExactly("thumbs");
  }

  @Test
  void oneRegistryOptionMovesTheImagesThatAreNotGivenInFull() throws IOException {
    DesiredCluster desired =
        desired("{imageRegistry: 'mirror.example.com/', session: {image: 'own/session:2'}}");
    assertThat(templates(desired).stream().flatMap(DesiredClusterTest::images))
        .containsExactly(
            "mirror.example.com/quay.io/coreos/etcd:v3.5.21",
            "mirror.example.com/aetherflow/gateway:0.1.0",
            "own/session:2",
            "mirror.example.com/aetherflow/statesync:0.1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Production", "Development"})
  void everyPodPassesTheRestrictedStandardAndEveryJvmHasABound(String profile) throws IOException {
    for (PodTemplateSpec template : templates(desired("{profile: " + profile + "}"))) {
      assertThat(template.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(template.getSpec().getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(template.getSpec().getAutomountServiceAccountToken()).isFalse();
      for (Container container : template.getSpec().getContainers()) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
            .containsExactly("ALL");
        assertThat(container.getImage()).doesNotEndWith(":latest").contains(":");
        if (!container.getName().equals("etcd")) {
          assertThat(container.getEnv())
              .filteredOn(env -> env.getName().equals("JAVA_TOOL_OPTIONS"))
              .singleElement()
              .satisfies(env -> assertThat(env.getValue()).startsWith("-Xmx"));
        }
      }
    }
  }

  @Test
  void quantitiesAreWrittenAsTheServerWritesThem() throws IOException {
    for (PodTemplateSpec template : templates(desired("{}"))) {
      for (Container container : template.getSpec().getContainers()) {
        container
            .getResources()
            .getRequests()
            .forEach((name, quantity) -> assertThat(quantity).isEqualTo(canonical(quantity)));
      }
    }
  }

  @Test
  void policiesLetDnsEtcdAndTheOperatorThrough() throws IOException {
    List<NetworkPolicy> policies =
        all(desired("{networkPolicy: {mode: Enforced}}"), NetworkPolicy.class);
    assertThat(policies)
        .extracting(policy -> policy.getMetadata().getName())
        .containsExactly(
            "demo-quantum-protocol-policy",
            "demo-etcd",
            "demo-gateway-ingress",
            "demo-metrics-and-health");
    assertThat(policies.getFirst().getSpec().getEgress().getFirst().getPorts())
        .extracting(port -> port.getProtocol() + port.getPort().getIntVal())
        .containsExactly("UDP53", "TCP53");
    assertThat(all(desired("{}"), NetworkPolicy.class)).isEmpty();
  }

  @Test
  void theSecretOfTheGatewayBringsPort443AndItsComingRestartsNoPod() throws IOException {
    DesiredCluster before =
        desired("{networkPolicy: {mode: Enforced}, gateway: {tls: {secretName: web}}}");
    DesiredCluster after =
        DesiredCluster.of(
            before.spec().withHttpsOffered(),
            new Platform(Listen.ANY, "aetherflow-system", false),
            EtcdShape.fresh(before.spec().names(), 3));

    assertThat(gatewayPorts(desired("{}"))).containsExactly(80, 8080);
    assertThat(gatewayPorts(before)).containsExactly(80, 8080);
    assertThat(gatewayPorts(after)).containsExactly(80, 443, 8080);
    assertThat(templates(after)).isEqualTo(templates(before));
    PodTemplateSpec gateway =
        one(after, Deployment.class, "demo-api-gateway").getSpec().getTemplate();
    assertThat(gateway.getSpec().getVolumes())
        .filteredOn(volume -> volume.getName().equals("gateway-tls"))
        .singleElement()
        .satisfies(volume -> {
          assertThat(volume.getSecret().getSecretName()).isEqualTo("web");
          assertThat(volume.getSecret().getOptional()).isTrue();
        });
    assertThat(one(after, NetworkPolicy.class, "demo-gateway-ingress").getSpec().getIngress())
        .flatExtracting(rule -> rule.getPorts())
        .extracting(port -> port.getPort().getIntVal())
        .containsExactly(8080, 8443);
  }

  private static List<Integer> gatewayPorts(DesiredCluster desired) {
    return one(desired, Service.class, "demo-api-gateway-svc").getSpec().getPorts().stream()
        .map(port -> port.getPort())
        .toList();
  }

  private static Quantity canonical(Quantity quantity) {
    return Quantity.parse(quantity.toString());
  }

  private static Stream<String> images(PodTemplateSpec template) {
    return template.getSpec().getContainers().stream().map(Container::getImage);
  }

  private static List<PodTemplateSpec> templates(DesiredCluster desired) {
    List<PodTemplateSpec> templates = new ArrayList<>();
    all(desired, StatefulSet.class).forEach(set -> templates.add(set.getSpec().getTemplate()));
    all(desired, Deployment.class).forEach(d -> templates.add(d.getSpec().getTemplate()));
    return templates;
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

  private static DesiredCluster desired(String spec) throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(
                "{metadata: {name: demo, namespace: default}, spec: " + spec + "}",
                AetherFlowCluster.class);
    return DesiredCluster.of(cluster, new Platform(Listen.ANY, "aetherflow-system", false));
  }
}
