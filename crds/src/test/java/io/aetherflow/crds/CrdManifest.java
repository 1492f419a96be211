package io.aetherflow.crds;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The CRD as it is committed: what the generator makes of the types, plus two things it cannot say:
 * the order of the columns (it sorts them by path) and the keys of lists.
 */
final class CrdManifest {
  private static final List<String> COLUMNS =
      List.of(
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

  private static final Map<String, String> LIST_KEYS =
      Map.of(
          "status.conditions", "type",
          "status.components", "name",
          "status.etcd.members", "name",
          "spec.services", "name");

  private CrdManifest() {}

  static String generate(Path scratch) throws IOException {
    new CRDGenerator()
        .inOutputDir(scratch.toFile())
        .forCRDVersions("v1")
        .customResourceClasses(AetherFlowCluster.class)
        .detailedGenerate();
    String raw = Files.readString(scratch.resolve("aetherflowclusters.aetherflow.io-v1.yml"));
    CustomResourceDefinition crd = Serialization.unmarshal(raw, CustomResourceDefinition.class);
    for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
      version
          .getAdditionalPrinterColumns()
          .sort(
              Comparator.comparingInt(
                  (CustomResourceColumnDefinition column) -> COLUMNS.indexOf(column.getName())));
      JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
      LIST_KEYS.forEach((path, key) -> markAsMap(root, path, key));
      root.setDescription("A real-time collaboration back end on Kubernetes.");
    }
    return Serialization.asYaml(crd);
  }

  private static void markAsMap(JSONSchemaProps root, String path, String key) {
    JSONSchemaProps list = root;
    for (String field : path.split("\\.")) {
      list = list.getProperties().get(field);
    }
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
    JSONSchemaProps item = list.getItems().getSchema();
    if (!item.getRequired().contains(key)) {
      item.getRequired().add(key);
    }
  }
}
