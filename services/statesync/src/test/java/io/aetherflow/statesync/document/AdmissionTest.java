package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdmissionTest {
  @Test
  void hotOperationsAreTakenUpToTheBound() {
    Admission admission = Admission.ofHeap(4_000);
    admission.addHot(Admission.hotBytes(1, 300));
    assertThat(admission.admitsHot(1, 300)).isTrue();
    assertThat(admission.admitsHot(1, 301)).isFalse();
    assertThat(admission.admitsHot(2, 101)).as("small ones count for what they take").isFalse();
    admission.addHot(-Admission.hotBytes(1, 300));
    assertThat(admission.hotBytes()).isZero();
    assertThat(admission.admitsHot(1, 800)).isTrue();
  }

  @Test
  void waitingOperationsAreTakenUpToBothBounds() {
    Admission admission = new Admission(0);
    admission.take(Admission.OPERATIONS_MAX - 1, Admission.BYTES_MAX - 10);
    assertThat(admission.admits(1, 10)).isTrue();
    assertThat(admission.admits(1, 11)).isFalse();
    assertThat(admission.admits(2, 10)).isFalse();
  }
}
