package io.aetherflow.quantum.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliverySamplerTest {
  private static final long MS = 1_000_000;
  private static final int BYTES = 1000;

  private final DeliverySampler sampler = new DeliverySampler();

  @Test
  void measuresTheRateOfAFlight() {
    sendTen();
    for (int i = 0; i < 10; i++) {
      sampler.onAcked(i, BYTES, i * MS, (50 + i) * MS);
      assertThat(sampler.endBatch(50 * MS)).isTrue();
    }
    // 10,000 bytes from the first departure to the last acknowledgement.
    assertThat(sampler.rate()).isEqualTo(10_000 * 1000L / 59);
    assertThat(sampler.rttNs()).isEqualTo(50 * MS);
    assertThat(sampler.txInFlight()).isEqualTo(10 * BYTES);
  }

  @Test
  void bunchedAcknowledgementsDoNotRaiseTheRateAboveThatOfSending() {
    sendTen();
    sampler.onAcked(0, BYTES, 0, 50 * MS);
    sampler.endBatch(50 * MS);
    for (int i = 10; i < 30; i++) {
      sampler.onSent(i, BYTES, (50 + i) * MS, 10 * BYTES);
    }
    for (int i = 1; i < 30; i++) {
      sampler.onAcked(i, BYTES, (i < 10 ? i : 50 + i) * MS, 135 * MS);
    }
    sampler.endBatch(50 * MS);
    // Acknowledged within 85 ms, sent within 79: the longer counts.
    assertThat(sampler.rate()).isEqualTo(29_000 * 1000L / 85);
  }

  @Test
  void anIntervalBelowTheMinimumRttGivesNoRate() {
    sampler.onSent(1, BYTES, 0, BYTES);
    sampler.onAcked(1, BYTES, 0, 10 * MS);
    assertThat(sampler.endBatch(50 * MS)).isTrue();
    assertThat(sampler.rate()).isZero();
  }

  @Test
  void lossesCountSinceThePacketLeft() {
    sendTen();
    sampler.closeLost(sampler.onLost(0, BYTES));
    sampler.onSent(10, BYTES, 20 * MS, 10 * BYTES);
    sampler.closeLost(sampler.onLost(1, BYTES));
    sampler.onAcked(10, BYTES, 20 * MS, 70 * MS);
    sampler.endBatch(50 * MS);
    assertThat(sampler.sampleLost()).isEqualTo(BYTES);
  }

  @Test
  void theAppLimitLastsUntilWhatWasInFlightIsDelivered() {
    sampler.markAppLimited(BYTES);
    sampler.onSent(1, BYTES, 0, BYTES);
    sampler.onAcked(1, BYTES, 0, 50 * MS);
    sampler.endBatch(50 * MS);
    assertThat(sampler.sampleAppLimited()).isTrue();
    assertThat(sampler.isAppLimited()).isTrue();
    sampler.onSent(2, BYTES, 50 * MS, BYTES);
    sampler.onAcked(2, BYTES, 50 * MS, 100 * MS);
    sampler.endBatch(50 * MS);
    assertThat(sampler.isAppLimited()).isFalse();
  }

  @Test
  void aBatchOfLossesAloneIsNoSample() {
    sendTen();
    sampler.closeLost(sampler.onLost(0, BYTES));
    assertThat(sampler.endBatch(50 * MS)).isFalse();
  }

  @Test
  void theRingGrowsWithTheFlightAndShrinksAfterAPause() {
    for (int i = 0; i < 5000; i++) {
      sampler.onSent(i, BYTES, i, (i + 1L) * BYTES);
    }
    assertThat(sampler.ringCapacity()).isBetween(5000, 20_000);
    for (int i = 0; i < 5000; i++) {
      sampler.onAcked(i, BYTES, i, 50 * MS);
    }
    sampler.endBatch(MS);
    sampler.onSent(5000, BYTES, 15_000 * MS, BYTES);
    assertThat(sampler.ringCapacity()).isEqualTo(SentRing.PACKETS_MIN);
  }

  @Test
  void theRingIsBoundedWhateverIsSent() {
    SentRing ring = new SentRing();
    for (long number = 0; number < 3L * SentRing.PACKETS_MAX; number++) {
      ring.open(number);
    }
    assertThat(ring.capacity()).isEqualTo(SentRing.PACKETS_MAX);
    assertThat(ring.find(0)).isNegative();
    assertThat(ring.find(3L * SentRing.PACKETS_MAX - 1)).isNotNegative();
  }

  @Test
  void aPacketThatIsNeverReportedDoesNotMakeTheRingGrow() {
    SentRing ring = new SentRing();
    ring.open(0);
    for (long number = 1; number < 100_000; number++) {
      ring.close(ring.open(number));
    }
    assertThat(ring.capacity()).isEqualTo(SentRing.PACKETS_MIN);
  }

  private void sendTen() {
    for (int i = 0; i < 10; i++) {
      sampler.onSent(i, BYTES, i * MS, (i + 1L) * BYTES);
    }
  }
}
