package io.aetherflow.local.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PatchesTest {
  private static final Shape POD = ModelShape.of(Pod.class);
  private static final String NOW = "2026-01-01T00:00:00Z";

  private static ObjectNode yaml(String text) throws IOException {
    JsonNode tree = new YAMLMapper().readTree(text);
    return (ObjectNode) Json.MAPPER.readTree(Json.bytes(tree));
  }

  private static ObjectNode pod(String containers) throws IOException {
    return yaml("{spec: {containers: [" + containers + "]}}");
  }

  @Test
  void mergePatchDeletesByNullAndKeepsSiblings() throws IOException {
    JsonNode result = Patches.merge(yaml("{a: {b: 1, c: 2}}"), yaml("{a: {b: null, d: [3]}}"));
    assertThat(result).isEqualTo(yaml("{a: {c: 2, d: [3]}}"));
  }

  @Test
  void strategicMergeFindsListElementsByKey() throws IOException {
    ObjectNode live = pod("{name: a, image: x}, {name: b, image: y}");
    JsonNode changed = Patches.strategic(live, pod("{name: b, image: z}"), POD);
    assertThat(changed).isEqualTo(pod("{name: a, image: x}, {name: b, image: z}"));
    JsonNode deleted = Patches.strategic(live, pod("{name: a, $patch: delete}"), POD);
    assertThat(deleted).isEqualTo(pod("{name: b, image: y}"));
  }

  @Test
  void strategicMergeFollowsSetElementOrder() throws IOException {
    ObjectNode live = pod("{name: a}, {name: b}");
    ObjectNode patch =
        yaml(
            "{spec: {$setElementOrder/containers: [{name: b}, {name: a}], containers: [{name: a, image: i}]}}");
    assertThat(Patches.strategic(live, patch, POD))
        .isEqualTo(pod("{name: b}, {name: a, image: i}"));
  }

  @Test
  void strategicMergeRetainsOnlyNamedKeys() throws IOException {
    ObjectNode live = yaml("{spec: {volumes: [{name: v, emptyDir: {}}]}}");
    ObjectNode patch =
        yaml(
            "{spec: {volumes: [{name: v, configMap: {name: c}, $retainKeys: [name, configMap]}]}}");
    assertThat(Patches.strategic(live, patch, POD))
        .isEqualTo(yaml("{spec: {volumes: [{name: v, configMap: {name: c}}]}}"));
  }

  private static Apply.Outcome apply(
      ObjectNode live, String config, ManagedFields managed, String manager, boolean force)
      throws IOException {
    ManagedFields.Key key = ManagedFields.Key.apply(manager, "v1", "");
    return Apply.apply(live, yaml(config), POD, managed, key, force, NOW);
  }

  @Test
  void applyRemovesWhatItsManagerNoLongerWants() throws IOException {
    ManagedFields managed = new ManagedFields();
    String both = "{spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}";
    ObjectNode live = apply(Json.object(), both, managed, "me", false).object();
    String one = "{spec: {containers: [{name: b, image: y}]}}";
    assertThat(apply(live, one, managed, "me", false).object()).isEqualTo(yaml(one));
  }

  @Test
  void applyKeepsElementsAndLabelsOfOthers() throws IOException {
    ManagedFields managed = new ManagedFields();
    ObjectNode live =
        apply(Json.object(), "{metadata: {labels: {a: x}}}", managed, "me", false).object();
    live = apply(live, "{metadata: {labels: {b: y}}}", managed, "you", false).object();
    assertThat(apply(live, "{metadata: {labels: {}}}", managed, "me", false).object())
        .isEqualTo(yaml("{metadata: {labels: {b: y}}}"));
  }

  @Test
  void applyConflictsOnlyWhenValuesDiffer() throws IOException {
    ManagedFields managed = new ManagedFields();
    ObjectNode live = apply(Json.object(), "{spec: {nodeName: n}}", managed, "me", false).object();
    assertThat(apply(live, "{spec: {nodeName: n}}", managed, "you", false).conflicts()).isEmpty();
    Apply.Outcome refused = apply(live, "{spec: {nodeName: m}}", managed, "third", false);
    assertThat(refused.conflicts()).extracting(Apply.Conflict::path).containsOnly(".spec.nodeName");
    assertThat(refused.conflicts()).hasSize(2);
    ObjectNode forced = apply(live, "{spec: {nodeName: m}}", managed, "third", true).object();
    assertThat(forced).isEqualTo(yaml("{spec: {nodeName: m}}"));
    ManagedFields.Key me = ManagedFields.Key.apply("me", "v1", "");
    assertThat(managed.get(me).isEmpty()).isTrue();
  }

  @Test
  void ownershipOfAnUpdateIsWhatItChanged() throws IOException {
    ManagedFields managed = new ManagedFields();
    ManagedFields.Key key = ManagedFields.Key.update("editor", "v1", "");
    ObjectNode old = pod("{name: a, image: x}");
    managed.afterWrite(key, old, pod("{name: a, image: z}"), POD, NOW);
    assertThat(managed.get(key).json())
        .isEqualTo(
            Json.MAPPER.readTree(
                "{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\"f:image\":{}}}}}"));
  }

  @Test
  void fieldSetsSurviveTheirJsonForm() throws IOException {
    FieldSet set = FieldSet.of(pod("{name: a, image: x, ports: [{containerPort: 80}]}"), POD);
    assertThat(FieldSet.parse(set.json())).isEqualTo(set);
    assertThat(set.json().toString())
        .contains("k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}");
  }
}
