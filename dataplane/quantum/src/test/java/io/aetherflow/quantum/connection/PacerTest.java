package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long MS = 1_000_000;
  private static final int PACKET_BYTES = 1_000;
  private static final int QUANTUM_BYTES = 2 * PACKET_BYTES;

  /** A packet each millisecond. */
  private static final long RATE = 1_000_000;

  private final Pacer pacer = new Pacer();

  @Test
  void afterAPauseNoMoreThanAQuantumLeavesAtOnce() {
    assertThat(burst(100 * MS)).isEqualTo(3);
    pacer.onPause();
    assertThat(burst(500 * MS)).isEqualTo(3);
  }

  @Test
  void aLateAlarmLowersNoRate() {
    burst(100 * MS);
    int left = 0;
    long nowNs = 100 * MS;
    for (int i = 0; i < 100; i++) {
      long alarmNs = onWait(PACKET_BYTES, 0);
      assertThat(alarmNs).isGreaterThan(nowNs);
      // An alarm that is always late, by more than a quantum of a fast flow would last.
      nowNs = alarmNs + 6 * MS;
      left += burst(nowNs);
    }
    assertThat((long) left).isBetween((nowNs - 100 * MS) / MS - 1, (nowNs - 100 * MS) / MS + 1);
  }

  @Test
  void aLongStallIsNotMadeUpFor() {
    burst(100 * MS);
    onWait(PACKET_BYTES, 0);
    assertThat(burst(10_000 * MS)).isEqualTo(17);
  }

  @Test
  void aWaitIsForABatchWhoseFirstPacketMayWaitForTheLast() {
    burst(100 * MS);
    long firstNs = onWait(PACKET_BYTES, 0);
    long alarmNs = onWait(5 * PACKET_BYTES, 10 * MS);
    assertThat(alarmNs).isEqualTo(firstNs + 4 * MS);
    assertThat(burst(alarmNs)).isEqualTo(5);
  }

  @Test
  void aBatchDelaysNoPacketLongerThanItMay() {
    burst(100 * MS);
    long firstNs = onWait(PACKET_BYTES, 0);
    assertThat(onWait(100 * PACKET_BYTES, 3 * MS)).isEqualTo(firstNs + 2 * MS);
    assertThat(onWait(100 * PACKET_BYTES, MS / 2)).isEqualTo(firstNs);
  }

  private long onWait(int batchBytes, long batchNs) {
    return pacer.onWait(PACKET_BYTES, RATE, batchBytes, batchNs);
  }

  private int burst(long nowNs) {
    int packets = 0;
    while (pacer.isReady(nowNs)) {
      pacer.onSent(PACKET_BYTES, nowNs, RATE, QUANTUM_BYTES);
      packets++;
    }
    return packets;
  }
}
