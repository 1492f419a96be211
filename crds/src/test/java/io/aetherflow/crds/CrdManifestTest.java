package io.aetherflow.crds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrdManifestTest {
  private static final Path COMMITTED =
      Path.of("..", "config", "crd", "aetherflow.io_aetherflowclusters.yaml");

  private static String generated;
  private static CustomResourceDefinitionVersion version;

  @BeforeAll
  static void generate(@TempDir Path scratch) throws IOException {
    generated = CrdManifest.generate(scratch);
    if (Boolean.getBoolean("crd.write")) {
      Files.createDirectories(COMMITTED.getParent());
      Files.writeString(COMMITTED, generated);
    }
    version =
        Serialization.unmarshal(generated, CustomResourceDefinition.class)
            .getSpec()
            .getVersions()
            .getFirst();
  }

  @Test
  void theCommittedManifestIsWhatTheTypesSay() throws IOException {
    assertThat(Files.readString(COMMITTED))
        .as("config/crd is stale; run: mvn -pl crds test -Dcrd.write=true")
        .isEqualTo(generated);
  }

  @Test
  void columnsTellTheStoryFromLeftToRight() {
    assertThat(version.getAdditionalPrinterColumns())
        .extracting(CustomResourceColumnDefinition::getName)
        .containsExactly(
            "Ready",
            "Reason",
            "Etcd",
            "Gateway",
            "Session",
            "StateSync",
            "FEC",
            "Cwnd",
            "Tuned",
            "Version",
            "Age");
  }

  @Test
  void everyFieldIsExplained() {
    JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
    root.getProperties().forEach((name, schema) -> assertExplained(name, schema.getProperties()));
  }

  @Test
  void everyKnobOfTheTransportHasADefaultAndBounds() {
    JSONSchemaProps quantum =
        version
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec")
            .getProperties()
            .get("quantum");
    quantum
        .getProperties()
        .values()
        .forEach(group ->
            group
                .getProperties()
                .forEach((name, knob) -> {
                  assertThat(knob.getDefault()).as(name).isNotNull();
                  if (knob.getType().equals("integer")) {
                    assertThat(knob.getMinimum()).as(name).isNotNull();
                    assertThat(knob.getMaximum()).as(name).isNotNull();
                  }
                }));
  }

  private static void assertExplained(String path, Map<String, JSONSchemaProps> fields) {
    if (fields == null) {
      return;
    }
    fields.forEach((name, schema) -> {
      String full = path + "." + name;
      if (full.contains(".resources.")
          || full.contains(".env.")
          || full.contains(".conditions.")
          || full.contains(".imagePullSecrets.")) {
        return;
      }
      assertThat(schema.getDescription()).as(full).isNotBlank();
      assertExplained(full, schema.getProperties());
    });
  }
}
