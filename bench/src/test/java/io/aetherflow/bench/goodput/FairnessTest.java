package io.aetherflow.bench.goodput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.aetherflow.bench.BenchFailure;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FairnessTest {
  @Test
  void jainIsOneForEqualSharesAndOneOverNForOneTaker() {
    assertThat(FairnessCommand.jain(5, 5, 5, 5)).isCloseTo(1, within(1e-9));
    assertThat(FairnessCommand.jain(20, 0, 0, 0)).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void aMixThatThereIsNotIsRefusedBeforeAnythingRuns() {
    String[] options = {"--rtt", "50ms", "--rate", "100mbit", "--mix", "nobody"};
    FairnessCommand command = CommandLine.populateCommand(new FairnessCommand(), options);
    assertThatThrownBy(command::call)
        .isInstanceOf(BenchFailure.class)
        .hasMessageContaining("'nobody'")
        .hasMessageContaining("quantum and tcp bbr");
  }
}
