package io.aetherflow.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.aetherflow.operator.reconciler.ManagedKinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The rules name every kind that the operator makes, with the verbs it uses, and no more kinds. */
class RightsTest {
  private static final Path RULES = Path.of("..", "config", "rbac");

  /** What an operator of one namespace has, and what one of all namespaces has besides. */
  private static final List<String> FILES = List.of("operator.yaml", "definitions.yaml");

  /** What applying, following and repairing takes. */
  private static final Set<String> MAKES =
      Set.of("get", "list", "watch", "create", "patch", "update");

  /** Kinds that the operator reads or tells of, and does not make, with exactly what it does. */
  private static final Map<String, Set<String>> OTHERS =
      Map.of(
          "aetherflow.io/aetherflowclusters", Set.of("get", "list", "watch"),
          "aetherflow.io/aetherflowclusters/status", Set.of("get", "patch", "update"),
          "aetherflow.io/aetherflowclusters/finalizers", Set.of("update"),
          "apiextensions.k8s.io/customresourcedefinitions", Set.of("get"),
          "/pods", Set.of("get", "list", "watch", "create", "delete"),
          "/events", Set.of("create", "patch", "update"));

  /** Never pruned, but the volume of an etcd member that was taken out goes. */
  private static final String DISCARDED = "/persistentvolumeclaims";

  @Test
  void everyKindThatTheOperatorMakesIsCovered() throws IOException {
    Map<String, Set<String>> rights = rights();
    ManagedKinds.prunable()
        .forEach((resource, prunable) -> {
          assertThat(rights.get(resource)).as(resource).isNotNull().containsAll(MAKES);
          if (prunable || resource.equals(DISCARDED)) {
            assertThat(rights.get(resource)).as(resource).contains("delete");
          }
        });
  }

  @Test
  void noOtherKindIsTouched() throws IOException {
    Set<String> expected = new TreeSet<>(ManagedKinds.prunable().keySet());
    expected.addAll(OTHERS.keySet());
    assertThat(rights().keySet()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(rights()).containsAllEntriesOf(OTHERS);
  }

  @Test
  void nothingIsAWildcard() throws IOException {
    assertThat(rights().toString()).doesNotContain("*");
  }

  /** An operator of one namespace has these by a Role, which gives nothing beyond it. */
  @Test
  void onlyTheDefinitionsAreClusterWide() throws IOException {
    Map<String, Set<String>> namespaced = new TreeMap<>();
    addRights(RULES.resolve("operator.yaml"), namespaced);
    assertThat(rights().keySet())
        .filteredOn(resource -> !namespaced.containsKey(resource))
        .containsExactly("apiextensions.k8s.io/customresourcedefinitions");
  }

  /** Verbs by {@code group/resource} of the operator's ClusterRoles. */
  private static Map<String, Set<String>> rights() throws IOException {
    Map<String, Set<String>> rights = new TreeMap<>();
    for (String file : FILES) {
      addRights(RULES.resolve(file), rights);
    }
    return rights;
  }

  private static void addRights(Path file, Map<String, Set<String>> rights) throws IOException {
    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    try (var documents = yaml.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        if (!object.path("kind").asText().equals("ClusterRole")) {
          continue;
        }
        for (JsonNode rule : object.path("rules")) {
          for (JsonNode resource : rule.path("resources")) {
            Set<String> verbs =
                rights.computeIfAbsent(
                    rule.at("/apiGroups/0").asText() + "/" + resource.asText(),
                    each -> new TreeSet<>());
            rule.path("verbs").forEach(verb -> verbs.add(verb.asText()));
          }
        }
      }
    }
  }
}
