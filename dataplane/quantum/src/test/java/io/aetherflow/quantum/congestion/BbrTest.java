package io.aetherflow.quantum.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class BbrTest {
  private static final long MS = 1_000_000;
  private static final int MTU = 1250;
  private static final int FLIGHT = 32;

  private final Bbr bbr = new Bbr(1, MTU);
  private long nowNs;
  private long number = 1;

  @Test
  void startsWithTenPacketsAndPacesThemOverTheFirstRoundTrip() {
    assertThat(bbr.congestionWindowBytes()).isEqualTo(10 * MTU);
    assertThat(bbr.sendQuantumBytes()).isBetween(2 * MTU, 65_536);
    round(1, 50 * MS);
    assertThat(bbr.pacingRateBytesPerSecond()).isEqualTo((long) (10 * MTU * 20 * 2.77));
  }

  @Test
  void theWindowLimitAppliesAtOnceAndGoesAway() {
    bbr.setTuning(277, 6);
    assertThat(bbr.congestionWindowBytes()).isEqualTo(6 * MTU);
    bbr.setTuning(277, 65_536);
    assertThat(bbr.congestionWindowBytes()).isEqualTo(10 * MTU);
  }

  @Test
  void theStartupGainAppliesAtOnce() {
    round(10, 50 * MS);
    long before = bbr.pacingRateBytesPerSecond();
    bbr.setTuning(200, 65_536);
    assertThat(bbr.pacingRateBytesPerSecond() / (double) before).isBetween(0.71, 0.73);
  }

  @Test
  void persistentCongestionLeavesFourPackets() {
    round(10, 50 * MS);
    bbr.onPersistentCongestion(nowNs);
    assertThat(bbr.congestionWindowBytes()).isEqualTo(4 * MTU);
    round(4, 50 * MS);
    assertThat(bbr.congestionWindowBytes()).isGreaterThan(4 * MTU);
  }

  @Test
  void aLargerDatagramRaisesTheLeastWindow() {
    bbr.onPersistentCongestion(0);
    bbr.onMtuChanged(1400);
    assertThat(bbr.congestionWindowBytes()).isEqualTo(4 * 1400);
  }

  @Test
  void lossesWithoutAcknowledgementLeaveTheOutputsSane() {
    for (int i = 0; i < 10; i++) {
      bbr.onPacketSent(number + i, MTU, nowNs, false, (i + 1L) * MTU);
    }
    for (int i = 0; i < 10; i++) {
      bbr.onLost(number + i, MTU, 0, 500 * MS);
    }
    bbr.onAckEventEnd(500 * MS, 0, 0, 0, 333 * MS);
    assertThat(bbr.congestionWindowBytes()).isEqualTo(10 * MTU);
    assertThat(bbr.pacingRateBytesPerSecond()).isPositive();
  }

  @Test
  void packetsThatItNeverSawAreHarmless() {
    bbr.onAcked(77, MTU, 0, MS);
    bbr.onLost(78, MTU, 0, MS);
    bbr.onAckEventEnd(MS, 0, MS, MS, MS);
    assertThat(bbr.congestionWindowBytes()).isGreaterThanOrEqualTo(10 * MTU);
  }

  @Test
  void thePacketPathAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    rounds(200);
    threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    rounds(200);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes for %d packets", 200 * FLIGHT)
        .isLessThan(200 * FLIGHT);
  }

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      round(FLIGHT, 50 * MS);
    }
  }

  /** Sends a flight and has it acknowledged, all but a last packet of long flights. */
  private void round(int packets, long rttNs) {
    long sentNs = nowNs;
    for (int i = 0; i < packets; i++) {
      bbr.onPacketSent(number + i, MTU, sentNs, false, (i + 1L) * MTU);
    }
    nowNs += rttNs;
    for (int i = 0; i < packets; i++) {
      if (i == FLIGHT - 1) {
        bbr.onLost(number + i, MTU, sentNs, nowNs);
      } else {
        bbr.onAcked(number + i, MTU, sentNs, nowNs);
      }
    }
    number += packets;
    bbr.onAckEventEnd(nowNs, 0, rttNs, rttNs, rttNs);
  }
}
