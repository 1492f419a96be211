package io.aetherflow.local.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the definition of a cluster says about edits of etcd's certificates. */
class ClusterRulesTest {
  private static CustomSchema schema;

  @BeforeAll
  static void read() throws IOException {
    Path manifest = Path.of("..", "config", "crd", "aetherflow.io_aetherflowclusters.yaml");
    JsonNode definition = yaml(Files.readString(manifest));
    schema = new CustomSchema(definition.at("/spec/versions/0/schema/openAPIV3Schema"));
  }

  @Test
  void aWrittenModeStaysButMayBeRemoved() throws IOException {
    assertThat(edit("tls: {mode: Mutual}", "tls: {mode: Disabled}")).hasSize(1);
    assertThat(edit("tls: {mode: Disabled}", "tls: {mode: Mutual}")).hasSize(1);
    assertThat(edit("tls: {mode: Disabled}", "tls: {}")).as("its default is Mutual").hasSize(1);
    assertThat(edit("tls: {mode: Disabled}", "replicas: 3")).as("taken back").isEmpty();
    assertThat(edit("replicas: 3", "tls: {mode: Disabled}")).as("made before TLS").isEmpty();
    assertThat(edit("replicas: 3", "tls: {certificateHours: 24}")).isEmpty();
  }

  @Test
  void theSecretOfOwnMembersStays() throws IOException {
    assertThat(edit("tls: {secretName: a}", "tls: {secretName: b}")).hasSize(1);
    assertThat(edit("tls: {secretName: a}", "replicas: 3")).hasSize(1);
    assertThat(edit("replicas: 3", "tls: {secretName: a}")).hasSize(1);
    assertThat(edit("tls: {secretName: a}", "{tls: {secretName: a}, replicas: 5}")).isEmpty();
    String external = "{external: {endpoints: ['https://e:2379']}, tls: {secretName: %s}}";
    assertThat(edit(external.formatted("a"), external.formatted("b"))).isEmpty();
  }

  private static List<Problem> edit(String before, String after) throws IOException {
    return schema.validate(cluster(after), cluster(before));
  }

  private static ObjectNode cluster(String etcd) throws IOException {
    String members = etcd.startsWith("{") ? etcd : "{" + etcd + "}";
    ObjectNode made = yaml("{spec: {etcd: " + members + "}}");
    schema.applyDefaults(made);
    return made;
  }

  private static ObjectNode yaml(String text) throws IOException {
    return (ObjectNode) Json.MAPPER.readTree(Json.bytes(new YAMLMapper().readTree(text)));
  }
}
