package io.aetherflow.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What installs the operator: kustomize and the Helm chart make the same valid objects. */
class ManifestsTest {
  private static final String NAMESPACE = "aetherflow-system";
  private static final String OPERATOR = "Deployment " + NAMESPACE + "/aetherflow-operator";
  private static final Path CONFIG = Path.of("..", "config");
  private static final Path CHART = Path.of("..", "charts", "aetherflow-operator");
  private static final Path CRD = Path.of("aetherflow.io_aetherflowclusters.yaml");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Refuses what the models do not know, which they otherwise keep as additional properties. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated member) {
                  return false;
                }
              });

  @TempDir private Path scratch;

  @Test
  void theChartMakesWhatKustomizeMakes() throws Exception {
    Map<String, JsonNode> kustomize = kustomize("default");
    Map<String, JsonNode> chart = objects(template().call());

    // Helm makes the namespace itself, if told to, and its definitions come from another folder.
    assertThat(kustomize.remove("Namespace " + NAMESPACE)).isNotNull();
    assertThat(kustomize.remove("CustomResourceDefinition aetherflowclusters.aetherflow.io"))
        .isNotNull();
    assertThat(chart).isEqualTo(kustomize);
  }

  @Test
  void anOperatorOfOneNamespaceNeedsNothingBeyondIt() throws Exception {
    Map<String, JsonNode> kustomize = kustomize("namespaced");
    Map<String, JsonNode> chart = objects(template().set("namespaced", "true").call());

    assertThat(chart).isEqualTo(kustomize);
    assertThat(chart.values())
        .allSatisfy(
            object -> assertThat(object.at("/metadata/namespace").asText()).isEqualTo(NAMESPACE));
    assertThat(chart)
        .containsKey("Role " + NAMESPACE + "/aetherflow-operator")
        .containsKey("RoleBinding " + NAMESPACE + "/aetherflow-operator");
    assertThat(
            chart.get(OPERATOR).at("/spec/template/spec/containers/0/env").findValuesAsText("name"))
        .contains("WATCH_NAMESPACES");
  }

  @Test
  void oneNamespaceAndAListOfThemAreRefused() {
    assertThatThrownBy(
            () -> template().set("namespaced", "true").set("watchNamespaces[0]", "shop").call())
        .hasMessageContaining("remove watchNamespaces");
  }

  /** By a link, so that there is one definition; Helm follows it. */
  @Test
  void theChartCarriesTheDefinition() throws IOException {
    assertThat(CHART.resolve("crds").resolve(CRD))
        .hasSameTextualContentAs(CONFIG.resolve("crd").resolve(CRD));
  }

  @Test
  void theChartPassesItsLinter() {
    assertThat(new Helm(CHART).lint().strict().call().isFailed()).isFalse();
  }

  @Test
  void valuesReachTheObjects() throws Exception {
    Map<String, JsonNode> chart =
        objects(
            template()
                .set("image.repository", "mirror.example.com/operator")
                .set("image.tag", "2.0.0")
                .set("replicas", "2")
                .set("leaderElection", "true")
                .set("nodeMetrics", "false")
                .set("serviceMonitor", "true")
                .set("watchNamespaces[0]", "shop")
                .set("watchNamespaces[1]", "office")
                .call());
    JsonNode container = chart.get(OPERATOR).at("/spec/template/spec/containers/0");
    assertThat(container.path("image").asText()).isEqualTo("mirror.example.com/operator:2.0.0");
    assertThat(chart.get(OPERATOR).at("/spec/strategy/type").asText())
        .as("with an election a new version stands by before the old one ends")
        .isEqualTo("RollingUpdate");
    assertThat(container.path("env").toString())
        .contains("{\"name\":\"WATCH_NAMESPACES\",\"value\":\"shop,office\"}")
        .contains("{\"name\":\"LEADER_ELECTION\",\"value\":\"true\"}");
    assertThat(chart)
        .containsKey("ServiceMonitor " + NAMESPACE + "/aetherflow-operator")
        .doesNotContainKey("ClusterRole aetherflow-operator-nodes");
  }

  @Test
  void twoOperatorsWithoutElectionAreRefused() {
    assertThatThrownBy(() -> template().set("replicas", "2").call())
        .hasMessageContaining("leaderElection");
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "local", "namespaced"})
  void everyObjectDecodesStrictly(String overlay) throws Exception {
    for (JsonNode object : kustomize(overlay).values()) {
      assertThat(decode(object)).isNotNull();
    }
  }

  @Test
  void aMisspeltFieldIsFound() throws Exception {
    JsonNode deployment =
        YAML.readTree("{apiVersion: apps/v1, kind: Deployment, spec: {template: {spek: {}}}}");
    assertThatThrownBy(() -> decode(deployment)).hasMessageContaining("spek");
  }

  private static HasMetadata decode(JsonNode object) throws IOException {
    Class<?> type =
        new KubernetesSerialization()
            .getRegisteredKubernetesResource(
                object.path("apiVersion").asText(), object.path("kind").asText());
    assertThat(type).as(object.path("kind").asText()).isNotNull();
    return (HasMetadata) STRICT.treeToValue(object, type);
  }

  /** A copy without the version of Kubernetes: this engine believes to be on 1.20. */
  private TemplateCommand template() throws IOException {
    Path copy = scratch.resolve("chart");
    try (Stream<Path> files = Files.walk(CHART)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(CHART.relativize(file));
        Files.createDirectories(target.getParent());
        Files.writeString(
            target, Files.readString(file).replaceFirst("(?m)^kubeVersion: .*\\n", ""));
      }
    }
    return new Helm(copy).template().withName("aetherflow-operator").withNamespace(NAMESPACE);
  }

  private static Map<String, JsonNode> kustomize(String overlay) throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl"))),
        "kubectl, which carries kustomize, is not installed");
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", CONFIG.resolve(overlay).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text = new String(kubectl.getInputStream().readAllBytes());
    assertThat(kubectl.waitFor()).as("kubectl kustomize " + overlay).isZero();
    return objects(text);
  }

  private static Map<String, JsonNode> objects(String text) throws IOException {
    Map<String, JsonNode> objects = new TreeMap<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        if (object.isObject()) {
          JsonNode metadata = object.path("metadata");
          String namespace =
              metadata.has("namespace") ? metadata.path("namespace").asText() + "/" : "";
          objects.put(
              object.path("kind").asText() + " " + namespace + metadata.path("name").asText(),
              object);
        }
      }
    }
    return objects;
  }
}
