package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GapArrivalsTest {
  private final GapArrivals gaps = new GapArrivals();
  private long largest;

  private void arrive(long number, long nowNs) {
    gaps.onArrival(number, largest, nowNs);
    largest = Math.max(largest, number);
  }

  @Test
  void aMissingPacketIsDueWhenTheNextOneArrives() {
    arrive(1, 10);
    arrive(4, 40);
    arrive(5, 50);
    arrive(8, 80);
    assertThat(gaps.firstAfterNs(2, 99)).isEqualTo(40);
    assertThat(gaps.firstAfterNs(3, 99)).isEqualTo(40);
    assertThat(gaps.firstAfterNs(6, 99)).isEqualTo(80);
    assertThat(gaps.firstAfterNs(7, 99)).isEqualTo(80);
  }

  @Test
  void lateArrivalsOpenNoGap() {
    arrive(5, 50);
    arrive(2, 60);
    assertThat(gaps.firstAfterNs(3, 99)).isEqualTo(50);
  }

  @Test
  void beyondTheBoundTheOldestKnownGapStandsForForgottenOnes() {
    for (int i = 1; i <= GapArrivals.GAPS_MAX + 1; i++) {
      arrive(2L * i, 10L * i);
    }
    assertThat(gaps.firstAfterNs(3, 9999)).isEqualTo(20);
    assertThat(gaps.firstAfterNs(1, 9999)).as("forgotten").isEqualTo(20);
  }

  @Test
  void nothingLaterHasArrived() {
    arrive(1, 10);
    assertThat(gaps.firstAfterNs(2, 99)).isEqualTo(99);
  }
}
