package io.aetherflow.quantum.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.ConnectionConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * How late parity brings a lost packet, beyond its nominal arrival: by the simulation, which knows
 * when the packet would have come, and by the receiver's own estimate, which is what the metric
 * shows.
 */
class RepairTimeTest {
  private static final long MS = 1_000_000;
  private static final long BAR_NS = 10 * MS;
  private static final int CALLS = 12_000;
  private static final long BYTES_PER_SECOND = 12_500_000;

  /** A call's packet on the wire. */
  private static final long WIRE_NS = 1_100 * 1_000_000_000L / BYTES_PER_SECOND;

  /** By how much the receiver may take a packet for less late than it is; never for later. */
  private static final long UNDERESTIMATE_NS_MAX = MS;

  @Test
  void twoPercentLossAtFiftyMilliseconds() {
    RpcExperiment experiment = run("adaptive, 50 ms", TransportTuning.DEFAULT, 25 * MS, 200);
    assertThat(experiment.client.ledger.repairedShare()).isGreaterThanOrEqualTo(0.99);
  }

  @Test
  void fixedParityAtOneMillisecond() {
    TransportTuning fixed = TransportTuning.DEFAULT.withFec(FecMode.FIXED, 10, 30);
    RpcExperiment experiment = run("fixed, 1 ms", fixed, MS / 2, 2000);
    // A packet alone in its group has one copy, which is lost as often as the packet.
    assertThat(experiment.client.ledger.repairedShare()).isGreaterThanOrEqualTo(0.95);
  }

  private static RpcExperiment run(
      String name, TransportTuning tuning, long oneWayNs, int callsPerSecond) {
    ConnectionConfig config = ConnectionConfig.of(tuning, () -> new Bbr(1, 1200));
    RpcExperiment experiment =
        new RpcExperiment(
            1,
            config,
            traits(oneWayNs),
            traits(oneWayNs),
            callsPerSecond,
            1000,
            CALLS,
            10_000 * MS);
    experiment.run();
    long[] lateNs = experiment.server.ledger.repairTimesNs();
    long[] believedNs = experiment.server.ledger.believedRepairTimesNs();
    long[] errorNs = new long[lateNs.length];
    for (int i = 0; i < lateNs.length; i++) {
      lateNs[i] -= oneWayNs + WIRE_NS;
      errorNs[i] = lateNs[i] - believedNs[i];
    }
    Arrays.sort(lateNs);
    Arrays.sort(believedNs);
    Arrays.sort(errorNs);
    System.out.printf(
        "%s: %d rebuilt, %.4f of those under parity; late p50 %.2f p99 %.2f ms,"
            + " by the receiver p50 %.2f p99 %.2f ms; it is wrong by %.2f to %.2f ms%n",
        name,
        lateNs.length,
        experiment.client.ledger.repairedShare(),
        at(lateNs, 0.5) / 1e6,
        at(lateNs, 0.99) / 1e6,
        at(believedNs, 0.5) / 1e6,
        at(believedNs, 0.99) / 1e6,
        at(errorNs, 0) / 1e6,
        at(errorNs, 1) / 1e6);
    assertThat(lateNs.length).isGreaterThan(100);
    assertThat(at(lateNs, 0.99)).as("p99 in truth").isLessThan(BAR_NS);
    assertThat(at(believedNs, 0.99)).as("p99 by the receiver").isLessThan(BAR_NS);
    assertThat(at(errorNs, 0)).isGreaterThanOrEqualTo(-WIRE_NS);
    assertThat(at(errorNs, 1)).isLessThanOrEqualTo(UNDERESTIMATE_NS_MAX);
    return experiment;
  }

  private static SimLink.Traits traits(long oneWayNs) {
    SimLink.Traits traits = new SimLink.Traits();
    traits.loss = 0.02;
    traits.delayNs = oneWayNs;
    traits.bytesPerSecond = BYTES_PER_SECOND;
    return traits;
  }

  private static long at(long[] sorted, double quantile) {
    return sorted[Math.max((int) Math.ceil(quantile * sorted.length) - 1, 0)];
  }
}
