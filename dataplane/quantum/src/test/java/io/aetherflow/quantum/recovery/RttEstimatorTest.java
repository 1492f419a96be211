package io.aetherflow.quantum.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RttEstimatorTest {
  private static final long MS = 1_000_000;

  private final RttEstimator rtt = new RttEstimator();

  @Test
  void beforeAnySampleTheProbeWaitsAboutASecond() {
    assertThat(rtt.hasSample()).isFalse();
    assertThat(rtt.probeTimeoutNs(0)).isEqualTo(3 * RttEstimator.INITIAL_NS);
  }

  @Test
  void theFirstSampleSetsEverythingAndIgnoresTheDelay() {
    rtt.onSample(100 * MS, 25 * MS);
    assertThat(rtt.smoothedNs()).isEqualTo(100 * MS);
    assertThat(rtt.variationNs()).isEqualTo(50 * MS);
    assertThat(rtt.minNs()).isEqualTo(100 * MS);
  }

  @Test
  void laterSamplesFollowRfc9002() {
    rtt.onSample(100 * MS, 0);
    rtt.onSample(140 * MS, 20 * MS);
    assertThat(rtt.smoothedNs()).isEqualTo(102_500_000);
    assertThat(rtt.variationNs()).isEqualTo(42_500_000);
    assertThat(rtt.lossDelayNs()).isEqualTo(157_500_000);
    assertThat(rtt.probeTimeoutNs(25 * MS)).isEqualTo(102_500_000 + 170 * MS + 25 * MS);
  }

  @Test
  void aDelayThatWouldFallBelowTheMinimumIsNotSubtracted() {
    rtt.onSample(100 * MS, 0);
    rtt.onSample(108 * MS, 20 * MS);
    assertThat(rtt.smoothedNs()).isEqualTo(101 * MS);
    assertThat(rtt.minNs()).isEqualTo(100 * MS);
  }

  @Test
  void constantSamplesConvergeAndTheLossDelayHasAFloorOfOneMillisecondOnly() {
    for (int i = 0; i < 200; i++) {
      rtt.onSample(MS / 10, 0);
    }
    assertThat(rtt.smoothedNs()).isEqualTo(MS / 10);
    assertThat(rtt.lossDelayNs()).isEqualTo(MS);
    assertThat(rtt.probeTimeoutNs(0)).isEqualTo(MS / 10 + MS);
  }

  @Test
  void samplesFromAClockThatJumpedBackAreIgnoredAndResetForgets() {
    rtt.onSample(50 * MS, 0);
    rtt.onSample(-1, 0);
    assertThat(rtt.latestNs()).isEqualTo(50 * MS);
    rtt.reset();
    assertThat(rtt.hasSample()).isFalse();
    assertThat(rtt.smoothedNs()).isEqualTo(RttEstimator.INITIAL_NS);
  }
}
