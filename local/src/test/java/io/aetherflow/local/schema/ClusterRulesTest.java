package io.aetherflow.local.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the definition of a cluster refuses, as a server with its rules says it. */
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://collector.observability:4318",
        "https://c",
        "http://10.0.0.1:65535/otlp/",
        "http://[fd00::1]:4318"
      })
  void aCollectorIsGivenByItsAddress(String endpoint) throws IOException {
    assertThat(problems("{tracing: {endpoint: '" + endpoint + "'}}")).isEmpty();
    assertThat(URI.create(endpoint).getHost()).as("as Java reads it").isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "collector:4318",
        "grpc://collector:4317",
        "http://collector:0",
        "http://collector:65536",
        "http://collector:4318/?a=b",
        "http://col lector",
        "http://user@collector"
      })
  void whatIsNoAddressOfACollectorIsToldWhatIs(String endpoint) throws IOException {
    assertThat(problems("{tracing: {endpoint: '" + endpoint + "'}}"))
        .singleElement()
        .asString()
        .contains("spec.tracing.endpoint must be the address of a collector");
  }

  @Test
  void tracingNeedsACollectorAndAShare() throws IOException {
    assertThat(problems("{tracing: {samplePercent: 5}}")).isNotEmpty();
    assertThat(problems("{tracing: {endpoint: 'http://c', samplePercent: 101}}")).hasSize(1);
  }

  @Test
  void anIssuerIsNamedWithItsKeys() throws IOException {
    String keys = "jwksUrl: 'https://login.example.com/realms/a/keys?v=1'";
    assertThat(problems("{gateway: {auth: {" + keys + ", issuer: i, audience: a}}}")).isEmpty();
    assertThat(problems("{gateway: {auth: {audience: a}}}")).isEmpty();
    assertThat(problems("{gateway: {auth: {issuer: i}}}"))
        .singleElement()
        .asString()
        .contains("give jwksUrl too");
    assertThat(problems("{gateway: {auth: {jwksUrl: 'login.example.com/keys'}}}"))
        .singleElement()
        .asString()
        .contains("spec.gateway.auth.jwksUrl must be an http or https URL");
  }

  private static List<Problem> problems(String spec) throws IOException {
    ObjectNode made = yaml("{spec: " + spec + "}");
    schema.applyDefaults(made);
    return schema.validate(made, MissingNode.getInstance());
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
