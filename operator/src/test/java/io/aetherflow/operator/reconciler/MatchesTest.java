package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import org.junit.jupiter.api.Test;

class MatchesTest {
  private static final ResourceID CLUSTER = new ResourceID("demo", "default");

  private final Matches matches = new Matches();
  private int compared;

  private static ConfigMap desired(String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("config")
        .endMetadata()
        .addToData("key", value)
        .build();
  }

  private static ConfigMap actual(String uid, String version) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("config")
        .withUid(uid)
        .withResourceVersion(version)
        .endMetadata()
        .build();
  }

  private boolean test(ConfigMap desired, ConfigMap actual, boolean answer) {
    return matches.test(
        CLUSTER,
        desired,
        actual,
        () -> {
          compared++;
          return answer;
        });
  }

  @Test
  void theSameStateIsComparedWithTheSameDesireOnce() {
    assertThat(test(desired("a"), actual("one", "1"), true)).isTrue();
    assertThat(test(desired("a"), actual("one", "1"), false)).isTrue();
    assertThat(compared).isEqualTo(1);
  }

  @Test
  void anotherStateObjectOrDesireIsComparedAnew() {
    test(desired("a"), actual("one", "1"), true);

    assertThat(test(desired("b"), actual("one", "1"), false)).isFalse();
    assertThat(test(desired("a"), actual("one", "1"), false)).as("forgotten since").isFalse();
    test(desired("a"), actual("one", "1"), true);
    assertThat(test(desired("a"), actual("one", "2"), false)).isFalse();
    test(desired("a"), actual("one", "2"), true);
    assertThat(test(desired("a"), actual("two", "2"), false)).isFalse();
    assertThat(compared).isEqualTo(7);
  }

  @Test
  void aDifferenceIsComparedEachTime() {
    test(desired("a"), actual("one", "1"), false);
    test(desired("a"), actual("one", "1"), false);
    assertThat(compared).isEqualTo(2);
  }

  @Test
  void aClusterThatIsGoneIsForgotten() {
    test(desired("a"), actual("one", "1"), true);
    matches.forget(CLUSTER);
    assertThat(test(desired("a"), actual("one", "1"), false)).isFalse();
  }
}
