package io.aetherflow.crds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplesTest {
  private static final ObjectMapper STRICT =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  @ParameterizedTest
  @ValueSource(
      strings = {"minimal.yaml", "full.yaml", "external-etcd.yaml", "own-microservice.yaml"})
  void decodesStrictly(String sample) throws IOException {
    String text = Files.readString(Path.of("..", "config", "samples", sample));
    AetherFlowCluster cluster = STRICT.readValue(text, AetherFlowCluster.class);
    assertThat(cluster.getMetadata().getName()).isNotBlank();
    assertThat(cluster.getSpec().profile()).isNotNull();
    assertThat(cluster.getStatus()).isNull();
  }

  @Test
  void aMisspeltFieldIsAnError() {
    String text = "{metadata: {name: x}, spec: {quantum: {fec: {ratio: 3}}}}";
    assertThatThrownBy(() -> STRICT.readValue(text, AetherFlowCluster.class))
        .hasMessageContaining("ratio");
  }
}
