package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.EtcdRestoreSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pods of every sample, the one of a restore and the operator's pass the Pod Security Standard
 * {@code restricted}, each of its controls:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
class PodSecurityTest {
  private static final Path CONFIG = Path.of("..", "config");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Set<String> VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "persistentVolumeClaim",
          "projected",
          "secret");

  static List<String> samples() throws IOException {
    try (Stream<Path> files = Files.list(CONFIG.resolve("samples"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void thoseOfEverySample(String sample) throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(CONFIG.resolve("samples").resolve(sample).toFile(), AetherFlowCluster.class);
    cluster.getMetadata().setNamespace("default");

    List<JsonNode> pods = new ArrayList<>();
    DesiredCluster.of(cluster, new Platform(Listen.ANY, "aetherflow-system", false))
        .objects()
        .forEach(object -> pods.addAll(JSON.valueToTree(object).findValues("template")));

    assertThat(pods).hasSizeGreaterThanOrEqualTo(3);
    pods.forEach(PodSecurityTest::assertRestricted);
  }

  @Test
  void theOneThatRestoresASnapshot() throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(
                "{metadata: {name: demo, namespace: default}, spec: {}}", AetherFlowCluster.class);
    EffectiveSpec spec = EffectiveSpec.of(cluster);

    assertRestricted(
        JSON.valueToTree(
            EtcdRestoreModel.pod(
                spec,
                (EtcdPlan.Members) spec.etcd(),
                new EtcdRestoreSpec("snapshots", "etcd.db"))));
  }

  @Test
  void theOperator() throws IOException {
    JsonNode deployment =
        new YAMLMapper().readTree(CONFIG.resolve("manager").resolve("manager.yaml").toFile());

    assertRestricted(deployment.at("/spec/template"));
  }

  /**
   * @param whole a pod or the template of one
   */
  private static void assertRestricted(JsonNode whole) {
    whole
        .at("/metadata/annotations")
        .fieldNames()
        .forEachRemaining(name ->
            assertThat(name).doesNotStartWith("container.apparmor.security.beta.kubernetes.io/"));
    JsonNode pod = whole.path("spec");
    assertThat(pod.path("containers")).as(pod.toString()).isNotEmpty();
    for (String shared : List.of("hostNetwork", "hostPID", "hostIPC")) {
      assertThat(pod.path(shared).asBoolean()).as(shared).isFalse();
    }
    pod.path("volumes")
        .forEach(volume -> {
          List<String> kinds = new ArrayList<>();
          volume.fieldNames().forEachRemaining(kinds::add);
          kinds.remove("name");
          assertThat(VOLUMES).containsAll(kinds);
        });
    JsonNode security = pod.path("securityContext");
    assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
    assertThat(security.path("runAsUser").asLong()).isPositive();
    assertThat(security.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(security.has("sysctls")).isFalse();
    assertUnchanged(security);
    for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
      pod.path(kind).forEach(PodSecurityTest::assertContainer);
    }
  }

  /** Of what the standard admits some values of, a pod and its containers here set none. */
  private static void assertUnchanged(JsonNode security) {
    assertThat(security.has("seLinuxOptions") || security.has("appArmorProfile")).isFalse();
    assertThat(security.at("/windowsOptions/hostProcess").asBoolean()).isFalse();
  }

  private static void assertContainer(JsonNode container) {
    JsonNode security = container.path("securityContext");
    assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(security.path("privileged").asBoolean()).isFalse();
    assertThat(security.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
    assertThat(security.at("/capabilities/add")).isEmpty();
    assertThat(security.has("procMount")).isFalse();
    assertUnchanged(security);
    // What the pod says, a container must not take back.
    assertThat(security.path("runAsNonRoot").asBoolean(true)).isTrue();
    assertThat(security.path("runAsUser").asLong(1)).isPositive();
    assertThat(security.at("/seccompProfile/type").asText("RuntimeDefault"))
        .isEqualTo("RuntimeDefault");
    for (JsonNode port : container.path("ports")) {
      assertThat(port.path("hostPort").asInt()).isZero();
    }
    for (String field : List.of("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")) {
      assertThat(container.path(field).findValues("host")).as(field + "'s host").isEmpty();
    }
  }
}
