package io.aetherflow.local.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.local.store.Kinds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KustomizationTest {
  private static final ObjectMapper SORTED =
      new ObjectMapper()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(SerializationFeature.INDENT_OUTPUT);
  private static final Path CONFIG = Path.of("../config");

  @Test
  void rendersWhatKubectlRenders() throws Exception {
    assumeTrue(hasKubectl(), "kubectl is not installed");
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", CONFIG.resolve("local").toString()).start();
    String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(kubectl.waitFor()).isZero();

    List<JsonNode> ours =
        List.copyOf(new Kustomization(new Kinds()).render(CONFIG.resolve("local")));

    assertThat(sorted(ours)).isEqualTo(sorted(documents(text)));
  }

  @Test
  void refusesWhatItDoesNotKnow(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("kustomization.yaml"), "namePrefix: x-\n");
    assertThatThrownBy(() -> new Kustomization(new Kinds()).render(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("namePrefix");
  }

  @Test
  void refusesAPatchOfNothing(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("kustomization.yaml"), "patches:\n- path: patch.yaml\n");
    Files.writeString(
        directory.resolve("patch.yaml"), "apiVersion: v1\nkind: Secret\nmetadata: {name: none}\n");
    assertThatThrownBy(() -> new Kustomization(new Kinds()).render(directory))
        .hasMessageContaining("Secret /none");
  }

  private static String sorted(List<JsonNode> objects) {
    return objects.stream()
        .sorted(
            Comparator.comparing((JsonNode object) -> object.path("kind").asText())
                .thenComparing(object -> object.at("/metadata/name").asText()))
        .peek(KustomizationTest::sortVariables)
        .map(KustomizationTest::text)
        .collect(Collectors.joining("\n"));
  }

  /** Kustomize puts patched variables first; their order says nothing here. */
  private static void sortVariables(JsonNode object) {
    for (JsonNode env : object.findValues("env")) {
      if (!env.isArray()) {
        continue;
      }
      List<JsonNode> variables = new ArrayList<>();
      env.forEach(variables::add);
      variables.sort(Comparator.comparing(variable -> variable.path("name").asText()));
      ((ArrayNode) env).removeAll().addAll(variables);
    }
  }

  /** With sorted keys, so that a difference shows where it is. */
  private static String text(JsonNode object) {
    try {
      String text = SORTED.writeValueAsString(SORTED.treeToValue(object, Object.class));
      // 5.0 and 5 are one number.
      return text.replaceAll("(?m): (\\d+)\\.0(,?)$", ": $1$2");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> documents(String text) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> values =
        new YAMLMapper().readerFor(JsonNode.class).readValues(text)) {
      values.forEachRemaining(documents::add);
    }
    return documents;
  }

  private static boolean hasKubectl() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl")));
  }
}
