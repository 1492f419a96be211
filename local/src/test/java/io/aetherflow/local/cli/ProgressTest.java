package io.aetherflow.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProgressTest {

  @Test
  void aReadyConditionOfAnOlderGenerationIsNotReady() throws IOException {
    String cluster =
        "{metadata: {generation: %d}, status: {conditions: [{type: Ready, status: 'True',"
            + " observedGeneration: 1}]}}";
    assertThat(Progress.ready(yaml(cluster.formatted(1)))).isTrue();
    assertThat(Progress.ready(yaml(cluster.formatted(2)))).isFalse();
    assertThat(Progress.ready(yaml("{metadata: {generation: 1}}"))).isFalse();
  }

  @Test
  void namesWhatIsStillMissing() throws IOException {
    JsonNode cluster =
        yaml(
            "{metadata: {name: demo}, status: {display: {etcd: 2/3, gateway: 0/2, session: 0/2,"
                + " stateSync: 0/2, tuned: 0/0}}}");
    JsonNode pods =
        yaml(
            "{items: [{metadata: {name: a}, status: {containerStatuses: [{ready: true}]}},"
                + " {metadata: {name: b}, status: {containerStatuses: [{ready: false, state:"
                + " {waiting: {reason: ErrImagePull}}}]}}, {metadata: {name: c}}, {metadata:"
                + " {name: d}}]}");
    assertThat(Progress.line(cluster, pods))
        .isEqualTo(
            "demo  etcd 2/3  gateway 0/2  session 0/2  stateSync 0/2  tuned 0/0"
                + "  (b: ErrImagePull, c: starting, 1 more)");
    assertThat(Progress.line(yaml("{metadata: {name: demo}}"), yaml("{}")))
        .isEqualTo("demo  waiting for the operator");
  }

  private static JsonNode yaml(String text) throws IOException {
    return new YAMLMapper().readTree(text);
  }
}
