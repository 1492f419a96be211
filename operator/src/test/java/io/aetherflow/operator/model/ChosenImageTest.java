package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChosenImageTest {
  @Test
  void podsWithoutASetSayWhatWasChosenWhereTheyAgree() {
    assertThat(ChosenImage.running(List.of(pod("etcd:3.5"), pod("etcd:3.5")))).hasValue("etcd:3.5");
    assertThat(ChosenImage.running(List.of(pod("etcd:3.5"), pod("etcd:3.6")))).isEmpty();
    assertThat(ChosenImage.running(List.of())).isEmpty();
  }

  private static Pod pod(String image) {
    return new PodBuilder()
        .withNewSpec()
        .addNewContainer()
        .withName("etcd")
        .withImage(image)
        .endContainer()
        .endSpec()
        .build();
  }
}
