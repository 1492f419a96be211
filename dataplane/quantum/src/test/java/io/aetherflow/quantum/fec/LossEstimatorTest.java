package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossEstimatorTest {
  private static final long SECOND = 1_000_000_000;

  private final LossEstimator losses = new LossEstimator();

  @ParameterizedTest
  @ValueSource(doubles = {0.002, 0.02, 0.05, 0.3})
  void followsTheTrueShare(double share) {
    long seed = 3;
    Random random = new Random(seed);
    double sum = 0;
    int packets = 50_000;
    for (int i = 0; i < packets; i++) {
      feed(i, random.nextDouble() < share, i * 5_000_000L);
      sum += i >= 2000 ? losses.lossShare() : 0;
    }
    assertThat(sum / (packets - 2000))
        .as("seed %d", seed)
        .isCloseTo(share, within(share / 8 + 1e-4));
  }

  @Test
  void silenceFadesToTheExpectation() {
    for (int i = 0; i < 5000; i++) {
      losses.onAcked(i * 1_000_000L);
    }
    assertThat(losses.lossShare()).isLessThan(0.001);
    losses.advance(5 * SECOND + 600 * SECOND);
    assertThat(losses.lossShare()).isCloseTo(0.02, within(1e-3));
  }

  @Test
  void sparseTrafficStaysNearTheExpectation() {
    for (int second = 0; second < 3600; second++) {
      losses.onAcked(second * SECOND);
    }
    assertThat(losses.lossShare()).isBetween(0.005, 0.02);
  }

  @Test
  void tenPerSecondWithoutLossCountAsClean() {
    for (int i = 0; i < 3600; i++) {
      losses.onAcked(i * SECOND / 10);
    }
    assertThat(losses.lossShare()).isLessThan(AdaptiveFec.LOSS_SHARE_OFF);
  }

  @Test
  void aClockThatJumpsBackChangesNothing() {
    losses.onAcked(100 * SECOND);
    double share = losses.lossShare();
    losses.advance(0);
    assertThat(losses.lossShare()).isEqualTo(share);
  }

  @Test
  void burstsAreLossesSideBySide() {
    assertThat(losses.meanBurstPackets()).isEqualTo(1);
    for (int i = 1; i < 20; i++) {
      losses.onLost(i * 100, 0);
    }
    assertThat(losses.meanBurstPackets()).isEqualTo(1);
    for (int i = 20; i < 60; i++) {
      losses.onLost(i * 100, 0);
      losses.onLost(i * 100 + 2, 0);
      losses.onLost(i * 100 + 1, 0);
    }
    assertThat(losses.meanBurstPackets()).isCloseTo(3, within(0.1));
  }

  @Test
  void allocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    AdaptiveFec fec = new AdaptiveFec(losses, 30);
    work(fec);
    threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    work(fec);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
  }

  private void work(AdaptiveFec fec) {
    for (int i = 0; i < 5000; i++) {
      feed(i, i % 20 == 0, i * 5_000_000L);
      if (fec.protects(i * 5_000_000L, 50_000_000, true, 0, 100_000)) {
        fec.repairs(1 + i % 64);
        fec.spacingNs();
      }
    }
  }

  private void feed(long number, boolean lost, long nowNs) {
    if (lost) {
      losses.onLost(number, nowNs);
    } else {
      losses.onAcked(nowNs);
    }
  }
}
