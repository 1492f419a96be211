package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import org.junit.jupiter.api.Test;

class OwnFieldsTest {
  private static final String JSON =
      """
      {"apiVersion": "v1", "kind": "ConfigMap",
       "metadata": {"name": "config", "managedFields": [
         {"manager": "kubectl", "operation": "Update", "fieldsType": "FieldsV1",
          "fieldsV1": {"f:metadata": {"f:labels": {"f:team": {}}}}},
         {"manager": "aetherflow-operator", "operation": "Apply", "fieldsType": "FieldsV1",
          "fieldsV1": {"f:data": {"f:key": {}}}}]},
       "data": {"key": "value"}}
      """;

  @Test
  void onlyOurOwnEntriesAreKept() {
    ConfigMap read = OwnFields.serialization().unmarshal(JSON, ConfigMap.class);

    assertThat(read.getData()).containsEntry("key", "value");
    assertThat(read.getMetadata().getManagedFields())
        .extracting(ManagedFieldsEntry::getManager)
        .containsExactly("aetherflow-operator");
    assertThat(
            read.getMetadata()
                .getManagedFields()
                .getFirst()
                .getFieldsV1()
                .getAdditionalProperties())
        .containsKey("f:data");
  }

  @Test
  void ofKindsWithoutAModelToo() {
    GenericKubernetesResource read =
        OwnFields.serialization().unmarshal(JSON, GenericKubernetesResource.class);

    assertThat(read.getMetadata().getManagedFields()).hasSize(1);
  }

  @Test
  void anObjectWithoutEntriesIsReadAsItIs() {
    ConfigMap read =
        OwnFields.serialization()
            .unmarshal(
                "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"x\"}}",
                ConfigMap.class);

    assertThat(read.getMetadata().getManagedFields()).isEmpty();
  }
}
