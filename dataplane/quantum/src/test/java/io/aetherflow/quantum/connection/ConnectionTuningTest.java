package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.packet.Guuid;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each knob of the tuning changes what an open connection does. */
class ConnectionTuningTest {
  private static final TransportTuning FIXED = tuning(FecMode.FIXED, 10, 50, 4, 277);

  /** Longer than any group takes to fill. */
  private static final int NO_FLUSH_MILLIS = 1000;

  private final byte[] wire = new byte[ConnectionConfig.DATAGRAM_BYTES];
  private final Counting counting = new Counting();
  private final ConnectionConfig config = ConnectionConfig.of(FIXED, () -> new Bbr(1, 1200));
  private final Connection sender =
      Connection.connect(
          config,
          new SharedBuffers(config.buffers(), config.kernel()),
          new Guuid(1, 2),
          Pair.SERVER,
          new Random(1),
          counting,
          0);
  private final Pair pair = new Pair(sender, FIXED);

  private static final class Counting implements ConnectionTrace {
    int sources;
    int repairs;
    int largestGroup;

    @Override
    public void onSourceSent(long number, int group, long nowNs) {
      sources++;
    }

    @Override
    public void onRepairSent(long number, int sources, long nowNs) {
      repairs++;
      largestGroup = Math.max(largestGroup, sources);
    }
  }

  private static TransportTuning tuning(
      FecMode mode, int groupSize, int ratioPercent, int flushMillis, int gainPercent) {
    return new TransportTuning(mode, groupSize, ratioPercent, flushMillis, gainPercent, 65_536);
  }

  /** Sends until the window is full; nothing is acknowledged, so no parity is spared. */
  private void fillWindow() {
    pair.runFor(2_000 * Pair.MS);
    counting.sources = 0;
    counting.repairs = 0;
    counting.largestGroup = 0;
    sender.openStream().write(new byte[200_000], 0, 200_000);
    while (sender.pollTransmit(pair.nowNs += Pair.MS, wire, 0) > 0) {}
  }

  private void tune(TransportTuning tuning) {
    sender.setTuning(tuning, pair.nowNs);
  }

  @Test
  void groupSizeAndRatio() {
    pair.runFor(100 * Pair.MS);
    tune(tuning(FecMode.FIXED, 6, 50, NO_FLUSH_MILLIS, 277));
    fillWindow();
    assertThat(counting.largestGroup).isEqualTo(6);
    assertThat(counting.repairs).isEqualTo(3);
  }

  @Test
  void anotherGroupSizeAndRatio() {
    pair.runFor(100 * Pair.MS);
    tune(tuning(FecMode.FIXED, 3, 30, NO_FLUSH_MILLIS, 277));
    fillWindow();
    assertThat(counting.largestGroup).isEqualTo(3);
    assertThat(counting.repairs).isEqualTo(counting.sources / 3).isGreaterThan(1);
  }

  @Test
  void mode() {
    pair.runFor(100 * Pair.MS);
    tune(tuning(FecMode.OFF, 3, 30, NO_FLUSH_MILLIS, 277));
    fillWindow();
    assertThat(counting.repairs).isZero();
    assertThat(counting.sources).isZero();
  }

  @Test
  void flushTime() {
    pair.runFor(100 * Pair.MS);
    assertThat(flushNsOfAnOpenGroup()).isEqualTo(4 * Pair.MS);
    tune(tuning(FecMode.FIXED, 64, 50, 40, 277));
    assertThat(flushNsOfAnOpenGroup()).isEqualTo(40 * Pair.MS);
  }

  /** A first packet opens a group, and more data waits, so it stays open. */
  private long flushNsOfAnOpenGroup() {
    sender.openStream().write(new byte[200_000], 0, 200_000);
    for (int before = counting.sources; counting.sources == before; ) {
      pair.nowNs += Pair.MS;
      assertThat(sender.pollTransmit(pair.nowNs, wire, 0)).isPositive();
    }
    return sender.timers.deadlineNs(Timer.FEC_FLUSH) - pair.nowNs;
  }

  @Test
  void startupGain() {
    pair.runFor(100 * Pair.MS);
    assertThat(sender.recovery.congestion().phaseName()).isEqualTo("Startup");
    long before = sender.recovery.pacingRateBytesPerSecond();
    tune(tuning(FecMode.FIXED, 10, 50, 4, 554));
    assertThat((double) sender.recovery.pacingRateBytesPerSecond() / before).isBetween(1.9, 2.1);
  }

  @Test
  void windowCap() {
    pair.runFor(100 * Pair.MS);
    tune(FIXED.withMaxCwndPackets(4));
    sender.openStream().write(new byte[200_000], 0, 200_000);
    while (sender.pollTransmit(pair.nowNs += Pair.MS, wire, 0) > 0) {}
    assertThat(sender.bytesInFlight()).isPositive().isLessThanOrEqualTo(4 * 1472);
  }
}
