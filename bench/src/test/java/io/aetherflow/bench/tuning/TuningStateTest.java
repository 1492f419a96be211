package io.aetherflow.bench.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class TuningStateTest {
  @Test
  void appliedOnlyWhenTrueAtTheWantedGeneration() {
    assertThat(state("\"True\"", 4).appliedAt(4)).isTrue();
    assertThat(state("\"True\"", 3).appliedAt(4)).isFalse();
    assertThat(state("\"False\"", 4).appliedAt(4)).isFalse();
  }

  @Test
  void aClusterWithoutStatusIsUnknown() {
    TuningState state = TuningState.of(new GenericKubernetesResource());

    assertThat(state.status()).isEqualTo("Unknown");
    assertThat(state.appliedAt(0)).isFalse();
  }

  private static TuningState state(String status, int generation) {
    return TuningState.of(
        Serialization.unmarshal(
            """
            {"apiVersion": "aetherflow.io/v1alpha1", "kind": "AetherFlowCluster",
             "status": {"tuning": {"appliedPods": 6}, "conditions": [
               {"type": "Ready", "status": "True", "observedGeneration": 9},
               {"type": "TuningApplied", "status": %s, "observedGeneration": %d}]}}
            """
                .formatted(status, generation),
            GenericKubernetesResource.class));
  }
}
