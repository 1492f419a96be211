package io.aetherflow.bench.goodput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FairnessTest {
  @Test
  void jainIsOneForEqualSharesAndOneOverNForOneTaker() {
    assertThat(FairnessCommand.jain(5, 5, 5, 5)).isCloseTo(1, within(1e-9));
    assertThat(FairnessCommand.jain(20, 0, 0, 0)).isCloseTo(0.25, within(1e-9));
  }
}
