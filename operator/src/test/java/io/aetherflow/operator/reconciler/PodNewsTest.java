package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class PodNewsTest {
  private static final Pod PENDING =
      new PodBuilder()
          .withNewMetadata()
          .withName("demo-0")
          .withUid("one")
          .endMetadata()
          .withNewSpec()
          .endSpec()
          .withNewStatus()
          .withPhase("Pending")
          .endStatus()
          .build();

  private static Pod with(String condition, String status, String reason) {
    return new PodBuilder(PENDING)
        .editStatus()
        .addNewCondition()
        .withType(condition)
        .withStatus(status)
        .withReason(reason)
        .endCondition()
        .endStatus()
        .build();
  }

  @Test
  void thatItWasScheduledIsNoNews() {
    Pod bound = new PodBuilder(PENDING).editSpec().withNodeName("node").endSpec().build();
    assertThat(PodNews.isNews(with("PodScheduled", "True", null), PENDING)).isFalse();
    assertThat(PodNews.isNews(bound, PENDING)).isFalse();
    assertThat(PodNews.isNews(with("ContainersReady", "True", null), PENDING)).isFalse();
  }

  @Test
  void readinessTroubleAndLeavingAreNews() {
    Pod leaving =
        new PodBuilder(PENDING)
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();
    Pod waiting =
        new PodBuilder(PENDING)
            .editStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewWaiting("", "ErrImagePull")
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    assertThat(PodNews.isNews(with("Ready", "True", null), PENDING)).isTrue();
    assertThat(PodNews.isNews(with("Ready", "False", null), with("Ready", "True", null))).isTrue();
    assertThat(PodNews.isNews(with("PodScheduled", "False", "Unschedulable"), PENDING)).isTrue();
    assertThat(PodNews.isNews(waiting, PENDING)).isTrue();
    assertThat(PodNews.isNews(leaving, PENDING)).isTrue();
  }

  @Test
  void aPodOfTheSameNameIsAnotherOne() {
    Pod successor = new PodBuilder(PENDING).editMetadata().withUid("two").endMetadata().build();
    assertThat(PodNews.isNews(successor, PENDING)).isTrue();
  }
}
