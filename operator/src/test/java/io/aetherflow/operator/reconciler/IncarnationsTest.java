package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import org.junit.jupiter.api.Test;

class IncarnationsTest {
  private static final ResourceID DEMO = new ResourceID("demo", "default");

  private final Incarnations incarnations = new Incarnations();

  @Test
  void aClusterIsAnotherOnceAfterItsNameWasTakenOver() {
    assertThat(incarnations.isAnother(DEMO, "a")).isFalse();
    assertThat(incarnations.isAnother(DEMO, "a")).isFalse();
    assertThat(incarnations.isAnother(new ResourceID("demo", "other"), "b")).isFalse();
    assertThat(incarnations.isAnother(DEMO, "b")).isTrue();
    assertThat(incarnations.isAnother(DEMO, "b")).isFalse();
  }

  @Test
  void anEndThatWasSeenLeavesNothingToCompareWith() {
    incarnations.isAnother(DEMO, "a");
    incarnations.forget(DEMO);
    assertThat(incarnations.isAnother(DEMO, "b")).isFalse();
  }
}
